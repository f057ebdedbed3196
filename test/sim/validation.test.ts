import {
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  type Message,
} from '@aws-sdk/client-bedrock-runtime'
import { expect, test } from 'vitest'
import { errorOf, plainClient, simForTest } from './clients.ts'

const user = (...content: ContentBlock[]): Message => ({ role: 'user', content })
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content })
const HI = user({ text: 'Hi' })
const USE = { toolUse: { toolUseId: 'a', name: 'f', input: {} } }
const RESULT = { toolResult: { toolUseId: 'a', content: [{ text: 'ok' }] } }
const TOOLS = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }
const BYTES = new Uint8Array([1, 2, 3])
const DOCUMENT = { document: { name: 'a', format: 'txt', source: { bytes: BYTES } } } as const
const PROMPT = 'arn:aws:bedrock:eu-west-1:123456789012:prompt/PROMPT12AB:1'

/** Members that the SDK's types forbid. */
type Loose = Omit<ConverseCommandInput, 'modelId'> | Record<string, unknown>

function ask(request: Loose, modelId = 'm1') {
  return new ConverseCommand({ modelId, messages: [HI], ...request } as ConverseCommandInput)
}

test.each<[string, Loose]>([
  [
    'all fields',
    {
      system: [{ text: 'Be brief' }, { guardContent: { text: { text: 'x', qualifiers: ['query'] } } }],
      inferenceConfig: { maxTokens: 1, temperature: 0, topP: 1, stopSequences: ['END'] },
      toolConfig: { ...TOOLS, toolChoice: { auto: {} } },
      additionalModelRequestFields: { thinking: { type: 'enabled' } },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
      requestMetadata: { process: 'p-1', tenant: 'a:b@c' },
      performanceConfig: { latency: 'optimized' },
      serviceTier: { type: 'priority' },
      outputConfig: { effort: 'low' },
    },
  ],
  [
    'tools, their results and a system message between',
    {
      messages: [
        HI,
        assistant({ text: 'a' }, USE),
        user(RESULT),
        { role: 'system', content: [{ text: 's' }] },
        assistant({ text: 'b' }),
        HI,
      ],
      toolConfig: TOOLS,
    },
  ],
  [
    'blocks of all kinds',
    {
      messages: [
        user(
          { text: 'a' },
          { image: { format: 'png', source: { bytes: BYTES } } },
          { document: { name: 'a (1) [b]-c', source: { text: 'plain' }, citations: { enabled: true } } },
          { video: { format: 'mp4', source: { s3Location: { uri: 's3://bucket/a.mp4' } } } },
          { audio: { format: 'mp3', source: { bytes: BYTES } } },
          { guardContent: { text: { text: 'b' } } },
          { searchResult: { source: 's', title: 't', content: [{ text: 'x' }] } },
          { toolAddition: { tool: { name: 'f' } } },
          { toolRemoval: { tool: { name: 'f' } } },
          { cachePoint: { type: 'default', ttl: '1h' } },
        ),
        assistant(
          { reasoningContent: { reasoningText: { text: 'r', signature: 's' } } },
          { reasoningContent: { redactedContent: BYTES } },
          {
            citationsContent: {
              content: [{ text: 'c' }],
              citations: [{ location: { documentPage: { start: 1 } } }],
            },
          },
          { toolUse: { toolUseId: 's', name: 'search', input: {}, type: 'server_tool_use' } },
          { toolResult: { toolUseId: 's', type: 'search', content: [{ json: {} }] } },
          USE,
        ),
        user({
          toolResult: {
            toolUseId: 'a',
            status: 'error',
            content: [{ json: { a: 1 } }, { image: { format: 'gif', source: { bytes: BYTES } } }],
          },
        }),
      ],
      toolConfig: TOOLS,
    },
  ],
])('Converse accepts %s', async (_, request) => {
  const sim = await simForTest()
  await plainClient(sim).send(ask(request))
  expect(sim.stats().ok).toBe(1)
})

test.each<[string, Loose, string]>([
  [
    'an unknown role',
    { messages: [{ role: 'bot', content: [{ text: 'a' }] }] },
    "Value 'bot' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant, system]",
  ],
  [
    'no role',
    { messages: [{ content: [{ text: 'a' }] }] },
    "Value at 'messages.1.member.role' failed to satisfy constraint: Member must not be null",
  ],
  [
    'an unknown format',
    { messages: [user({ text: 'a' }, { image: { format: 'bmp', source: { bytes: BYTES } } } as never)] },
    "Value 'bmp' at 'messages.1.member.content.2.member.image.format'",
  ],
  ['an unknown tier', { serviceTier: { type: 'cheap' } }, "Value 'cheap' at 'serviceTier.type'"],
  [
    'an unknown latency',
    { performanceConfig: { latency: 'fast' } },
    "Value 'fast' at 'performanceConfig.latency'",
  ],
  ['an unknown effort', { outputConfig: { effort: 'huge' } }, "Value 'huge' at 'outputConfig.effort'"],
  [
    'a temperature above 1',
    { inferenceConfig: { temperature: 2 } },
    "Value at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1",
  ],
  [
    'an unknown block',
    { messages: [user({ $unknown: ['hologram', {}] })] },
    'The ContentBlock object at messages.0.content.0 must set one of the following keys: text, image',
  ],
  [
    'metadata with other characters',
    { requestMetadata: { tenant: '<default>' } },
    "'requestMetadata.tenant.member' failed to satisfy constraint: Member must satisfy regular expression pattern",
  ],
  [
    '17 entries of metadata',
    { requestMetadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) },
    'length less than or equal to 16',
  ],
  [
    'a guardrail without a version',
    { guardrailConfig: { guardrailIdentifier: 'g' } },
    "'guardrailConfig.guardrailVersion' failed to satisfy constraint: Member must not be null",
  ],
  ['no messages', { messages: [] }, 'A conversation must start with a user message.'],
  [
    'an assistant who begins',
    { messages: [assistant({ text: 'a' }), HI] },
    'A conversation must start with a user message.',
  ],
  [
    'a system message first',
    { messages: [{ role: 'system', content: [{ text: 'a' }] }, HI] },
    'A conversation must start with a user message.',
  ],
  [
    'two user messages',
    { messages: [HI, HI] },
    'A conversation must alternate between user and assistant roles.',
  ],
  [
    'an empty message',
    { messages: [user()] },
    'The content field in the Message object at messages.0 is empty.',
  ],
  [
    'a blank text',
    { messages: [user({ text: ' ' })] },
    'The text field in the ContentBlock object at messages.0.content.0 is blank.',
  ],
  [
    'an image of the assistant',
    { messages: [HI, assistant({ image: { format: 'png', source: { bytes: BYTES } } }), HI] },
    "can't have the key image in a message with the role assistant",
  ],
  [
    'six documents',
    { messages: [user({ text: 'a' }, ...Array.from({ length: 6 }, () => DOCUMENT))] },
    'exceeds the limit of 5',
  ],
  ['a document without a text', { messages: [user(DOCUMENT)] }, 'A text block must be included'],
  [
    'a document name with a dot',
    { messages: [user({ text: 'a' }, { document: { ...DOCUMENT.document, name: 'a.txt' } })] },
    'The document file name can only contain',
  ],
  [
    'a result without a use',
    { messages: [user(RESULT)], toolConfig: TOOLS },
    'The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn.',
  ],
  [
    'a use without a result',
    { messages: [HI, assistant(USE), HI], toolConfig: TOOLS },
    'Expected toolResult blocks at messages.2.content for the following Ids: a',
  ],
  [
    'tools in a history alone',
    { messages: [HI, assistant(USE), user(RESULT)] },
    'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
  ],
  [
    'arguments of a tool that are a text',
    {
      toolConfig: TOOLS,
      messages: [HI, assistant({ toolUse: { toolUseId: 'a', name: 'f', input: '{"ci' } }), user(RESULT)],
    },
    'Provide a json object for the field and try again.',
  ],
  [
    'a choice of another tool',
    { toolConfig: { ...TOOLS, toolChoice: { tool: { name: 'g' } } } },
    'The tool g in the toolChoice field',
  ],
  [
    'variables without a prompt',
    { promptVariables: { a: { text: 'b' } } },
    'The promptVariables field can only be set',
  ],
])('Converse refuses %s', async (_, request, problem) => {
  const sim = await simForTest()
  const error = await errorOf(plainClient(sim).send(ask(request)))
  expect(error).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } })
  expect(error.message).toContain(problem)
})

test('a prompt of Prompt management takes variables and further messages, and none of its own fields', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await client.send(new ConverseCommand({ modelId: PROMPT, promptVariables: { city: { text: 'Bern' } } }))
  await client.send(ask({ promptVariables: { city: { text: 'Bern' } } }, PROMPT))
  const error = await errorOf(
    client.send(ask({ system: [{ text: 'a' }], inferenceConfig: { maxTokens: 1 } }, PROMPT)),
  )
  expect(error.message).toContain('inferenceConfig, system')
})

test('an unknown block is taken where a directive allows it, and any request by a lenient model', async () => {
  const sim = await simForTest({ settings: { lenient: ['open*'] } })
  const client = plainClient(sim)
  const unknown: ContentBlock = { $unknown: ['hologram', { x: 1 }] }
  await client.send(ask({ messages: [user({ text: '[[sim unknownBlocks: true]] Hi' }, unknown)] }))
  await client.send(ask({ messages: [HI, HI, user()] }, 'open-model'))
  expect(sim.stats().ok).toBe(2)
})
