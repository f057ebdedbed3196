// The leniencies of the runtime's JSON binding, from the diagram to the call: a value in place of a list, a list of
// one in place of a value, texts for numbers and numbers for texts.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LoggedRequest } from '../../sim/sim.ts'
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

const turn = (role: string, ...texts: string[]) => ({ role, content: texts.map((text) => ({ text })) })
const said = [turn('user', 'Hello there')]
const usual = { messages: said, inferenceConfig: { maxTokens: 512 } }
const history = (text: string) => ({ ...usual, messages: [turn('user', text), ...said] })

const CASES: readonly [title: string, inputs: Record<string, string>, body: object][] = [
  [
    'one message in place of a history',
    { 'data.messagesHistory': '={role: "user", contentList: [{text: "Hi"}]}' },
    history('Hi'),
  ],
  [
    'one piece of content in place of a list',
    { 'data.messagesHistory': '=[{role: "user", contentList: {text: "Hi"}}]' },
    history('Hi'),
  ],
  [
    'a text in place of a piece of content',
    { 'data.messagesHistory': '=[{role: "user", contentList: "Hi"}]' },
    history('Hi'),
  ],
  [
    'lists of one within a history',
    { 'data.messagesHistory': '=[[{role: ["user"], contentList: [[{text: ["Hi"]}]]}]]' },
    history('Hi'),
  ],
  ['a list of one text for a message', { 'data.newMessage': '=["Hello there"]' }, usual],
  ['a number for a message', { 'data.newMessage': '=42' }, { ...usual, messages: [turn('user', '42')] }],
  [
    'texts, and a list of one, for numbers',
    { 'data.maxTokens': '64', 'data.temperature': '="0.5"', 'data.topP': '=[0.25]' },
    { messages: said, inferenceConfig: { maxTokens: 64, temperature: 0.5, topP: 0.25 } },
  ],
  [
    'nothing in place of numbers',
    { 'data.maxTokens': '=null', 'data.temperature': '', 'data.topP': '=" "' },
    { messages: said, inferenceConfig: {} },
  ],
  ['a list of one for the region and its object', { configuration: '=[{region: ["eu-west-1"]}]' }, usual],
  [
    'keys without a type, each in a list',
    { authentication: '=[{accessKey: ["AKIATESTKEY"], secretKey: ["testSecretKey"]}]' },
    usual,
  ],
]

describe('a task is sent with', () => {
  it.concurrent.each(CASES)('%s', async (_title, inputs, body) => {
    const model = `lenient@${randomUUID()}`
    const usually = Object.entries(converseInputs(model)).filter(
      ([target]) => !Object.keys(inputs).some((given) => target.startsWith(`${given}.`)),
    )
    const process = await quarry.deploy({ inputs: { ...Object.fromEntries(usually), ...inputs } })
    await quarry.run(process)
    const [request] = await requestsOf(model)
    expect(JSON.parse(request?.body ?? 'null')).toEqual(body)
    expect(request?.region).toBe('eu-west-1')
  })

  it('a list of one for a model id', async () => {
    const model = `echo@${randomUUID()}`
    const inputs = invokeInputs('', { 'data.modelId': `=["${model}"]`, 'data.payload': '=["x"]' })
    await quarry.run(await quarry.deploy({ inputs }))
    // A payload may be anything: it stays a list.
    expect((await requestsOf(model)).map(({ body }) => body)).toEqual(['["x"]'])
  })
})

describe('a task is an incident with', () => {
  it.concurrent.each([
    ['two texts for a message', { 'data.newMessage': '=["a", "b"]' }, 'contains more than one value'],
    ['an empty list for a message', { 'data.newMessage': '=[]' }, 'from Array value'],
    ['a history that is a text', { 'data.messagesHistory': '="Hi"' }, 'BedrockMessage'],
  ])('%s', async (_title, inputs, error) => {
    const bpmnProcessId = await quarry.deploy({ inputs: converseInputs('m', inputs) })
    const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
    expect(incident?.value['errorMessage']).toContain(error)
  })
})

async function requestsOf(model: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${inject('simUrl')}/__sim/requests`)
  return ((await response.json()) as LoggedRequest[]).filter((sent) => sent.model === model)
}
