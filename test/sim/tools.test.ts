import { type ContentBlock, ConverseCommand, type Message, type Tool } from '@aws-sdk/client-bedrock-runtime'
import { expect, test } from 'vitest'
import { exampleOf } from '../../sim/schema/example.ts'
import { errorOf, plainClient, simForTest } from './clients.ts'

function tool(name: string, properties: Record<string, unknown>): Tool {
  return { toolSpec: { name, inputSchema: { json: { type: 'object', properties } as never } } }
}

const TOOLS = [
  tool('weather', { city: { type: 'string' } }),
  tool('book', { seats: { type: 'integer', minimum: 2 } }),
]

/** Talks until the model asks for no more tools; gives the result `<name> done` to each. */
async function talk(
  client: ReturnType<typeof plainClient>,
  modelId: string,
  prompt: string,
  system?: string,
) {
  const messages: Message[] = [{ role: 'user', content: [{ text: prompt }] }]
  const asked: unknown[] = []
  for (;;) {
    const answer = await client.send(
      new ConverseCommand({
        modelId,
        messages,
        toolConfig: { tools: TOOLS },
        ...(system !== undefined && { system: [{ text: system }] }),
      }),
    )
    const content = answer.output?.message?.content ?? []
    messages.push({ role: 'assistant', content })
    const uses = content.flatMap(({ toolUse }) => toolUse ?? [])
    if (uses.length === 0) return { asked, text: content[0]?.text, stopReason: answer.stopReason, messages }
    expect(answer.stopReason).toBe('tool_use')
    asked.push(uses.map(({ name, input, toolUseId }) => [name, input, toolUseId]))
    const results = uses.map(
      ({ toolUseId, name }): ContentBlock => ({
        toolResult: { toolUseId, content: [{ text: `${name} done` }] },
      }),
    )
    messages.push({ role: 'user', content: results })
  }
}

const THREE_TURNS =
  '[[sim turns: [{text: Looking, tools: [{weather: {city: Bern}}, book]}, {tools: [{book: {seats: 4}}]}, All done]]] Book a trip'

const ASKED = [
  [
    ['weather', { city: 'Bern' }, 'tooluse_1_1'],
    ['book', { seats: 2 }, 'tooluse_1_2'],
  ],
  [['book', { seats: 4 }, 'tooluse_2_1']],
]

test('a directive in the prompt has the model ask for tools in turns, two in parallel, and then answer', async () => {
  const sim = await simForTest()
  expect(await talk(plainClient(sim), 'm1', THREE_TURNS)).toMatchObject({
    asked: ASKED,
    text: 'All done',
    stopReason: 'end_turn',
  })
  expect(sim.stats()).toMatchObject({ ok: 3 })
})

test('a directive in the system prompt, and a script of the settings, have the model ask for tools in turns', async () => {
  const sim = await simForTest({
    settings: {
      scripts: [
        {
          model: 'agent*',
          turns: [{ tools: [{ weather: { city: 'Bern' } }, 'book'] }, { tools: [{ book: { seats: 4 } }] }],
        },
      ],
    },
  })
  const client = plainClient(sim)
  expect(await talk(client, 'm1', 'Hello', THREE_TURNS)).toMatchObject({ asked: ASKED, text: 'All done' })
  expect(await talk(client, 'agent-7', 'Hello')).toMatchObject({
    asked: ASKED,
    text: 'Results:\nbook: book done',
  })
})

test('the same turn that is sent again has the same answer', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const { messages } = await talk(client, 'm1', THREE_TURNS)
  for (const turn of [1, 3, 5]) {
    const answer = await client.send(
      new ConverseCommand({ modelId: 'm1', messages: messages.slice(0, turn), toolConfig: { tools: TOOLS } }),
    )
    expect(answer.output?.message).toEqual(messages[turn])
  }
})

test('tools-2 asks for all tools in each of two turns', async () => {
  const sim = await simForTest()
  const { asked, text } = await talk(plainClient(sim), 'tools-2@a', 'Hello')
  expect(asked).toEqual([
    [
      ['weather', { city: 'city' }, 'tooluse_1_1'],
      ['book', { seats: 2 }, 'tooluse_1_2'],
    ],
    [
      ['weather', { city: 'city' }, 'tooluse_2_1'],
      ['book', { seats: 2 }, 'tooluse_2_2'],
    ],
  ])
  expect(text).toBe('Results:\nweather: weather done\nbook: book done')
})

test('a tool that the request insists on is asked for', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(
    new ConverseCommand({
      modelId: 'm1',
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      toolConfig: { tools: TOOLS, toolChoice: { tool: { name: 'book' } } },
    }),
  )
  expect(answer.output?.message?.content).toEqual([
    { toolUse: { toolUseId: 'tooluse_1_1', name: 'book', input: { seats: 2 } } },
  ])
})

test('the last directive counts, from its message on', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const { messages } = await talk(client, 'm1', THREE_TURNS)
  const again: Message = { role: 'user', content: [{ text: '[[sim turns: [One more]]] and then?' }] }
  const answer = await client.send(
    new ConverseCommand({ modelId: 'm1', messages: [...messages, again], toolConfig: { tools: TOOLS } }),
  )
  expect(answer.output?.message?.content).toEqual([{ text: 'One more' }])
})

test('the digits of numbers are kept in a directive of JSON', async () => {
  const sim = await simForTest()
  const directive = '[[sim {"tools": [{"pay": {"amount": 1.10, "id": 12345678901234567890}}]}]]'
  const body = { messages: [{ role: 'user', content: [{ text: directive }] }] }
  const answer = await fetch(`${sim.url}/model/m1/converse`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: JSON.stringify(body),
  })
  expect(await answer.text()).toContain('{"amount":1.10,"id":12345678901234567890}')
})

test.each([
  'content_filtered',
  'guardrail_intervened',
  'malformed_model_output',
  'malformed_tool_use',
  'max_tokens',
  'model_context_window_exceeded',
  'stop_sequence',
])('a directive and a model id can give the stop reason %s', async (stop) => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const ask = (modelId: string, text: string) =>
    client.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text }] }] }))
  expect(await ask('m1', `[[sim text: Cut, stop: ${stop}]]`)).toMatchObject({
    stopReason: stop,
    output: { message: { content: [{ text: 'Cut' }] } },
  })
  expect(await ask(`stop-${stop}`, 'Hi')).toMatchObject({ stopReason: stop })
})

test.each([
  ['toolong', 'ValidationException', 'Input is too long for requested model.'],
  ['legacy', 'ResourceNotFoundException', 'marked by provider as Legacy'],
  ['throttle', 'ThrottlingException', 'Too many requests'],
])('a directive replaces the answer with the error %s', async (error, name, message) => {
  const sim = await simForTest()
  const call = plainClient(sim).send(
    new ConverseCommand({
      modelId: 'm1',
      messages: [{ role: 'user', content: [{ text: `[[sim error: ${error}]]` }] }],
    }),
  )
  expect(await errorOf(call)).toMatchObject({ name, message: expect.stringContaining(message) })
})

test('a directive with a wrong field is refused, and named', async () => {
  const sim = await simForTest()
  const call = plainClient(sim).send(
    new ConverseCommand({
      modelId: 'm1',
      messages: [{ role: 'user', content: [{ text: '[[sim tool: weather]]' }] }],
    }),
  )
  const error = await errorOf(call)
  expect(error.name).toBe('ValidationException')
  expect(error.message).toContain('Unrecognized key: "tool"')
})

test('mirror answers with the blocks of the last message, unknown ones and digits as they came', async () => {
  const sim = await simForTest()
  const blocks = '[{"futureContent":{"n":1.10,"deep":[{"x":12345678901234567890}]}},{"text":"Hi"}]'
  const answer = await fetch(`${sim.url}/model/mirror/converse`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: `{"messages":[{"role":"user","content":${blocks}}]}`,
  })
  expect(await answer.text()).toContain(`"content":${blocks}`)
})

test('an example fits its schema: references, choices, formats and lists', () => {
  const schema = {
    $defs: { place: { type: 'object', properties: { zip: { type: 'string', minLength: 6 } } } },
    type: 'object',
    properties: {
      home: { $ref: '#/$defs/place' },
      kind: { enum: ['b', 'a'] },
      fixed: { const: 7 },
      when: { type: 'string', format: 'date' },
      either: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      many: { type: 'array', minItems: 2, items: { type: ['integer', 'null'], minimum: 3 } },
    },
  }
  expect(exampleOf(schema)).toEqual({
    home: { zip: 'zipxxx' },
    kind: 'b',
    fixed: 7,
    when: '2026-01-31',
    either: true,
    many: [3, 3],
  })
})
