// Tasks with a JSON schema for the answer, end to end: what is sent, how a wrong answer is repaired, and what the diagram gets.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LoggedRequest } from '../../sim/sim.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry()
})
afterAll(() => quarry?.stop())

const CLOSED =
  '{type: "object", properties: {total: {type: "number"}}, required: ["total"], additionalProperties: false}'
const model = () => `eu.anthropic.claude-sonnet-4-6@${randomUUID()}`

describe('an answer that violates the schema', () => {
  it('is repaired in a turn of its own, and the result has the parsed answer', async () => {
    const modelId = model()
    const inputs = converseInputs(modelId, {
      'data.newMessage': 'How much? [[sim turns: ["about ten", \'{"total": 1.50}\']]]',
      'data.schema': `=${CLOSED}`,
      'data.resultDetails': '=true',
    })
    const process = await quarry.deploy({ inputs, headers: { resultVariable: 'answer' } })
    const { answer } = (await quarry.run(process)) as { answer: Record<string, unknown> }
    expect(answer).toMatchObject({ json: { total: 1.5 }, repairTurns: 1 })
    expect(answer['messages']).toHaveLength(2)
    const [first, second, ...others] = await requestsOf(modelId)
    expect(others).toEqual([])
    expect(first?.outputConfig.textFormat.structure.jsonSchema.schema).toContain('"total"')
    expect(first?.messages).toHaveLength(1)
    expect(second?.messages.slice(1)).toMatchObject([
      { role: 'assistant', content: [{ text: 'about ten' }] },
      { role: 'user', content: [{ text: expect.stringContaining('must be JSON') }] },
    ])
  })

  it('is a BPMN error after the last turn, with paths and keywords', async () => {
    const modelId = model()
    const inputs = converseInputs(modelId, {
      'data.newMessage': 'How much? [[sim turns: ["{}", \'{"total": "ten"}\', "{}"]]]',
      'data.schema': `=${CLOSED}`,
      'data.bpmnErrors': '=["schema_violated"]',
    })
    const bpmnProcessId = await quarry.deploy({ inputs, boundary: [{ code: 'schema_violated' }] })
    const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    expect(await requestsOf(modelId)).toHaveLength(2)
    expect(records.some(({ value }) => value['bpmnElementType'] === 'BOUNDARY_EVENT')).toBe(true)
    const thrown = records.find(({ valueType, intent }) => valueType === 'JOB' && intent === 'ERROR_THROWN')
    expect(thrown?.value['errorCode']).toBe('schema_violated')
    const error = String(thrown?.value['errorMessage'])
    expect(error).toContain('after 1 turn to repair it: /total must be number (type)')
    expect(error).not.toContain('ten')
  })

  it('without turns to repair is a failure, and another model is asked in its prompt', async () => {
    const modelId = `amazon.nova-lite-v1:0@${randomUUID()}`
    const inputs = converseInputs(modelId, {
      'data.newMessage': 'How much? [[sim turns: ["ten"]]]',
      'data.schema': `=${CLOSED}`,
      'data.repairTurns': '=0',
    })
    const bpmnProcessId = await quarry.deploy({ inputs, retries: '1' })
    const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
    expect(incident?.value['errorMessage']).toContain('The answer violates data.schema: / must be JSON')
    const [request] = await requestsOf(modelId)
    expect(request?.system).toMatchObject([{ text: expect.stringContaining('"total"') }])
  })
})

it('a schema that cannot be used is an incident before anything is sent', async () => {
  const modelId = model()
  const inputs = converseInputs(modelId, { 'data.schema': '={type: "nothing"}' })
  const bpmnProcessId = await quarry.deploy({ inputs })
  const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
  const records = await recordsUntil(processInstanceKey, hasEnded)
  const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
  expect(incident?.value['errorMessage']).toContain('data.schema: cannot be used')
  expect(await requestsOf(modelId)).toEqual([])
})

it('the first call of a schema goes ahead, and others wait for it', async () => {
  const modelId = model()
  const inputs = converseInputs(modelId, {
    'data.newMessage': 'How much? [[sim modelMs: 3000]]',
    'data.schema': `=${CLOSED}`,
  })
  await quarry.run(await quarry.deploy({ inputs, times: 4 }))
  const [first, ...others] = await logged(modelId)
  expect(others).toHaveLength(3)
  for (const other of others) expect(other.at).toBeGreaterThanOrEqual((first?.at ?? 0) + 3_000)
})

interface SentBody {
  readonly messages: readonly unknown[]
  readonly system?: readonly unknown[]
  readonly outputConfig: { textFormat: { structure: { jsonSchema: { schema: string } } } }
}

async function requestsOf(modelId: string): Promise<SentBody[]> {
  return (await logged(modelId)).map(({ body }) => JSON.parse(body ?? 'null'))
}

async function logged(modelId: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${inject('simUrl')}/__sim/requests`)
  return ((await response.json()) as LoggedRequest[]).filter((sent) => sent.model === modelId)
}
