// Bad input ends as the contract says, loses nothing, and the jobs beside it go on.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  converseInputs,
  hasEnded,
  invokeInputs,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry()
})
afterAll(() => quarry?.stop())

function without(inputs: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).filter(([target]) => target !== name))
}

const BAD: readonly [title: string, inputs: Record<string, string>, error: string][] = [
  [
    'without region',
    without(converseInputs('m1'), 'configuration.region'),
    'because the return value of "io.camunda.connector.aws.bedrock.model.BedrockRequest.getConfiguration()" is null',
  ],
  [
    'without model',
    without(converseInputs('m1'), 'data.modelId'),
    'Property: data.modelId: Validation failed. Original message: must not be null',
  ],
  [
    'without data',
    without(without(converseInputs('m1'), 'data.modelId'), 'data.newMessage'),
    "Missing property 'data' for external type id 'action'",
  ],
  [
    'with a payload that is not there',
    invokeInputs('m1', { 'data.payload': '=null' }),
    'Property: data.payload: Validation failed',
  ],
  [
    'with a history that is a text',
    converseInputs('m1', { 'data.messagesHistory': '="once upon a time"' }),
    'Cannot construct instance of `io.camunda.connector.aws.bedrock.model.BedrockMessage`',
  ],
  [
    'with a history of the wrong shape',
    converseInputs('m1', { 'data.messagesHistory': '=[{role: "user", contentList: [{}]}]' }),
    'Document.metadata()',
  ],
  [
    'with a region that would name another host',
    converseInputs('m1', { 'configuration.region': 'evil.example/#' }),
    'region',
  ],
  [
    'with a retry backoff that is no duration',
    converseInputs('m1'),
    'Failed to parse retry backoff header. Expected ISO-8601 duration, e.g. PT5M, got: soon',
  ],
]

describe('a job', () => {
  it.each(BAD)(
    '%s becomes an incident with that reason, while its neighbours complete',
    async (title, inputs, error) => {
      const headers = {
        resultVariable: 'answer',
        ...(title.includes('backoff') ? { retryBackoff: 'soon' } : {}),
      }
      const bad = await quarry.deploy({ inputs, headers, retries: '1' })
      const good = await quarry.deploy({ inputs: converseInputs('m1'), headers })
      const neighbours = title.includes('backoff') ? [] : [quarry.run(good), quarry.run(good)]
      const { processInstanceKey } = await quarry.processes.createInstance({
        bpmnProcessId: bad,
        variables: '{}',
      })
      const records = await recordsUntil(processInstanceKey, hasEnded)
      const incidents = records
        .filter(({ valueType }) => valueType === 'INCIDENT')
        .map(({ value }) => value['errorMessage'])
      expect(incidents).toEqual([expect.stringContaining(error)])
      for (const variables of await Promise.all(neighbours)) expect(variables['answer']).toHaveLength(2)
    },
  )

  it('whose result expression never ends fails alone, while a hundred others complete', async () => {
    const inputs = converseInputs('m1')
    const resultExpression = '={a: for i in 1..1000000000 return i}'
    const endless = await quarry.deploy({ inputs, headers: { resultExpression }, retries: '1' })
    const sound = await quarry.deploy({ inputs, headers: { resultExpression: '={roles: response.role}' } })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: endless,
      variables: '{}',
    })
    const others = await Promise.all(Array.from({ length: 100 }, () => quarry.run(sound)))
    for (const { roles } of others) expect(roles).toEqual(['user', 'assistant'])
    const records = await recordsUntil(processInstanceKey, hasEnded)
    const incidents = records
      .filter(({ valueType }) => valueType === 'INCIDENT')
      .map(({ value }) => value['errorMessage'])
    expect(incidents).toEqual([expect.stringMatching(/it (ran for more than 2000 ms|used more than 256 MB)/)])
  })

  it('with a payload that is not an object is sent unchanged, as the stock connector does', async () => {
    const process = await quarry.deploy({
      inputs: invokeInputs('echo', { 'data.payload': '=[1, "two"]' }),
      headers: { resultVariable: 'answer' },
    })
    expect(await quarry.run(process)).toMatchObject({ answer: { body: [1, 'two'] } })
  })
})
