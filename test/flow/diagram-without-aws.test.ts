// A diagram that is tested without AWS: directives in its prompts have the stand-in ask for tools and answer, turn by turn.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { callsOf } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry()
})
afterAll(() => quarry?.stop())

const TOOLS =
  '={tools: [{toolSpec: {name: "weather", inputSchema: {json: {type: "object", properties: {city: {type: "string"}}}}}}]}'

it('a prompt has the model ask for a tool, and answer once the result is there', async () => {
  const model = `m@${randomUUID()}`
  const inputs = converseInputs(model, {
    'data.newMessage': '=ask',
    'data.toolConfig': TOOLS,
    'data.toolResults': '=results',
    'data.messagesHistory': '=history',
    'data.resultDetails': '=true',
  })
  const process = await quarry.deploy({ inputs, headers: { resultVariable: 'answer' } })
  const first = await quarry.run(process, {
    ask: '[[sim turns: [{tools: [{weather: {city: Bern}}]}, It rains]]] How is the weather?',
    results: null,
    history: [],
  })
  const { messages, toolCalls, stopReason } = first['answer'] as {
    messages: unknown
    toolCalls: unknown
    stopReason: string
  }
  expect([stopReason, toolCalls]).toEqual([
    'tool_use',
    [{ _meta: { id: 'tooluse_1_1', name: 'weather' }, city: 'Bern' }],
  ])
  const second = await quarry.run(process, {
    ask: null,
    results: [{ toolUseId: 'tooluse_1_1', content: [{ json: { rain: true } }] }],
    history: messages,
  })
  expect(second['answer']).toMatchObject({ text: 'It rains', stopReason: 'end_turn' })
  expect((await callsOf(model)).map(({ status }) => status)).toEqual([200, 200])
})
