import { ConverseCommand, type ConverseCommandOutput } from '@aws-sdk/client-bedrock-runtime'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { errorOf, plainClient, simForTest } from './clients.ts'

const INVOICE = {
  type: 'object',
  properties: {
    number: { type: 'string' },
    total: { type: 'number' },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, paid: { type: 'boolean' } },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  required: ['number', 'total', 'lines'],
  additionalProperties: false,
}

const fits = new Ajv2020().compile(INVOICE)

function ask(text: string, { modelId = 'm1', schema = INVOICE as unknown } = {}) {
  const jsonSchema = { name: 'invoice', schema: typeof schema === 'string' ? schema : JSON.stringify(schema) }
  return new ConverseCommand({
    modelId,
    messages: [{ role: 'user', content: [{ text }] }],
    outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } },
  })
}

async function documentOf(call: Promise<ConverseCommandOutput>) {
  const { output } = await call
  return JSON.parse(output?.message?.content?.[0]?.text ?? '')
}

test('the answer to a JSON schema is a document that fits it, the same each time', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const first = await documentOf(client.send(ask('Read it')))
  expect(fits(first)).toBe(true)
  expect(await documentOf(client.send(ask('Read it again')))).toEqual(first)
})

test('a directive has a document of its own', async () => {
  const sim = await simForTest()
  const text = '[[sim document: {number: A-1, total: 1.5, lines: []}]] Read it'
  expect(await documentOf(plainClient(sim).send(ask(text)))).toEqual({ number: 'A-1', total: 1.5, lines: [] })
})

test('invalid: 2 violates the schema in two answers of a conversation, and then fits it', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const command = ask('[[sim invalid: 2]] Read it')
  const seen: boolean[] = []
  for (let turn = 0; turn < 3; turn += 1) {
    const { output } = await client.send(command)
    const message = output?.message
    seen.push(fits(JSON.parse(message?.content?.[0]?.text ?? '')))
    if (message !== undefined) command.input.messages?.push(message)
    command.input.messages?.push({ role: 'user', content: [{ text: 'It does not fit the schema.' }] })
  }
  expect(seen).toEqual([false, false, true])
})

test('invalid-1 violates the schema in one call, whatever it asks', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  const documents = [
    await documentOf(client.send(ask('Read it', { modelId: 'invalid-1@a' }))),
    await documentOf(client.send(ask('Read it', { modelId: 'invalid-1@a' }))),
  ]
  expect(documents.map((document) => fits(document))).toEqual([false, true])
})

test('the first call of a new schema waits until it is compiled, and those beside it wait too; others of the account do not', async () => {
  const sim = await simForTest({
    settings: { schemaCompileMs: 200 },
    accounts: { AKIAOTHER: '999999999999' },
  })
  const client = plainClient(sim)
  const [first, second] = await Promise.all([client.send(ask('a')), client.send(ask('b'))])
  expect(first.metrics?.latencyMs).toBe(200)
  expect(second.metrics?.latencyMs).toBeLessThanOrEqual(200)
  await client.send(ask('c'))
  await plainClient(sim, { accessKeyId: 'AKIAOTHER' }).send(ask('d'))
  expect(sim.requests().map(({ schema }) => schema)).toEqual(['started', 'waited', 'ready', 'started'])
})

test.each([
  ['no JSON', '{', 'the schema is not valid JSON'],
  [
    'an open object',
    { type: 'object' },
    "For 'object' type, 'additionalProperties' must be explicitly set to false",
  ],
  [
    'a bound of a number',
    { type: 'integer', minimum: 1 },
    "For 'integer' type, properties minimum are not supported",
  ],
  [
    'a bound of a text',
    { type: 'string', maxLength: 9 },
    "For 'string' type, properties maxLength are not supported",
  ],
  ['a reference to elsewhere', { $ref: 'https://example.com/s' }, "External $ref 'https://example.com/s'"],
  ['a schema within itself', { anyOf: [{ $ref: '#' }] }, 'Recursive schemas are not supported'],
])('a schema that is %s is refused at once', async (_, schema, problem) => {
  const sim = await simForTest()
  const error = await errorOf(plainClient(sim).send(ask('Read it', { schema })))
  expect(error.name).toBe('ValidationException')
  expect(error.message).toContain(problem)
})
