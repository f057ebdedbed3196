import {
  AccessDeniedException,
  InternalServerException,
  ModelErrorException,
  ModelNotReadyException,
  ModelTimeoutException,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  ServiceUnavailableException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import { expect, test } from 'vitest'
import { converse, errorOf, http2Client, invoke, plainClient, simForTest } from './clients.ts'

test.each([
  ['throttle', ThrottlingException, 429, 'Too many requests, please wait before trying again.'],
  ['validation', ValidationException, 400, 'The provided model identifier is invalid.'],
  ['denied', AccessDeniedException, 403, "You don't have access to the model with the specified model ID."],
  [
    'notfound',
    ResourceNotFoundException,
    404,
    'Could not resolve the foundation model from the provided model identifier.',
  ],
  ['unavailable', ServiceUnavailableException, 503, 'Bedrock is unable to process your request.'],
  [
    'internal',
    InternalServerException,
    500,
    'The system encountered an unexpected error during processing. Try your request again.',
  ],
  ['modelerror', ModelErrorException, 424, 'The model encountered an error.'],
  ['modeltimeout', ModelTimeoutException, 408, 'The model took too long.'],
  [
    'notready',
    ModelNotReadyException,
    429,
    'Model is not ready for inference. Wait and try your request again.',
  ],
  ['quota', ServiceQuotaExceededException, 400, 'Your request exceeds the service quota for your account.'],
])('the model %s raises an exception that the SDK knows', async (model, exception, status, message) => {
  const sim = await simForTest()
  const client = plainClient(sim)
  for (const call of [client.send(converse(model)), client.send(invoke(model))]) {
    const error = await errorOf(call)
    expect(error).toBeInstanceOf(exception)
    expect(error).toMatchObject({ message, $metadata: { httpStatusCode: status } })
  }
})

test('the model badtoken raises an error without an SDK class', async () => {
  const sim = await simForTest()
  const error = await errorOf(plainClient(sim).send(converse('badtoken')))
  expect(error.name).toBe('UnrecognizedClientException')
  expect(error.message).toBe('The security token included in the request is invalid.')
})

test('throttle-2 is throttled twice and then answers', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  expect(await errorOf(client.send(converse('throttle-2')))).toBeInstanceOf(ThrottlingException)
  expect(await errorOf(client.send(converse('throttle-2')))).toBeInstanceOf(ThrottlingException)
  await client.send(converse('throttle-2'))
  expect(sim.stats()).toMatchObject({ requests: 3, throttled: 2, ok: 1 })
})

test('a suffix gives a script its own counter, and does not appear in the answer', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await errorOf(client.send(invoke('validation-1@one')))
  await errorOf(client.send(invoke('validation-1@two')))
  const answer = await client.send(invoke('validation-1@one'))
  expect(answer.body.transformToString()).toContain('"model":"validation-1"')
})

test('a reset starts the scripts again', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await errorOf(client.send(converse('internal-1')))
  sim.reset()
  expect(await errorOf(client.send(converse('internal-1')))).toBeInstanceOf(InternalServerException)
})

test('throttleretryafter sends Retry-After', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/model/throttleretryafter/converse`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: '{}',
  })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
})

test.each([
  ['rawstring', '"just text"'],
  ['rawarray', '[1,2,{"a":null}]'],
  ['hugeint', '{"huge":123456789012345678901234567890}'],
  ['inf', '{"exp":1e400}'],
  ['bigint', '{"unsafe":9007199254740993,"long":9223372036854775807,"lowest":-9223372036854775808}'],
  ['forbidden', '{"camunda.function.type":"bpmnError","code":"X"}'],
  ['deep', `${'['.repeat(300)}1${']'.repeat(300)}`],
  ['dup', '{"a":1,"a":2}'],
  ['echo', '{"z":1,"a":9007199254740993}'],
  ['malformed', '{"id":"chatcmpl-1","choi'],
])('InvokeModel of %s answers byte for byte', async (model, expected) => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(invoke(model, '{"z":1,"a":9007199254740993}'))
  expect(answer.body.transformToString()).toBe(expected)
})

test('the model empty answers 200 without a body', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/model/empty/invoke`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: '{}',
  })
  expect([answer.status, await answer.text()]).toEqual([200, ''])
})

test('numbers beyond a double are sent as written', async () => {
  const sim = await simForTest()
  const text = (await plainClient(sim).send(invoke('numbers'))).body.transformToString()
  for (const literal of ['9007199254740993', '123456789012345678901234567890', '1e400', '-0.0', '1.0']) {
    expect(text).toContain(`:${literal}`)
  }
})

test.each([
  ['multi', [{ text: 'one' }, { text: 'two' }], 'end_turn'],
  ['emptycontent', [], 'end_turn'],
  ['guardrail', [{ text: 'blocked' }], 'guardrail_intervened'],
  ['maxtokens', [{ text: 'cut of' }], 'max_tokens'],
  ['unknownblock', [{ $unknown: ['futureContent', { data: 'x' }] }, { text: 'known' }], 'end_turn'],
  [
    'tooluse',
    [{ text: 'calling' }, { toolUse: { toolUseId: 'tooluse_1', name: 'lookup', input: { q: 'x' } } }],
    'tool_use',
  ],
  [
    'reasoning',
    [{ reasoningContent: { reasoningText: { text: 'thinking', signature: 'c2ln' } } }, { text: 'answer' }],
    'end_turn',
  ],
  ['large-3000', [{ text: 'x'.repeat(3000) }], 'end_turn'],
])('Converse of %s answers with its blocks', async (model, content, stopReason) => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(converse(model))
  expect(answer.output?.message?.content).toEqual(content)
  expect(answer.stopReason).toBe(stopReason)
})

test('the model nooutput omits the output', async () => {
  const sim = await simForTest()
  expect((await plainClient(sim).send(converse('nooutput'))).output).toBeUndefined()
})

test('a proxy page carries no request id', async () => {
  const sim = await simForTest()
  const error = await errorOf(plainClient(sim).send(converse('html503')))
  expect(error).toMatchObject({ $metadata: { httpStatusCode: 503, requestId: undefined } })
  expect(await errorOf(plainClient(sim).send(converse('html')))).toBeInstanceOf(SyntaxError)
})

test('the model usage-1200-300 reports those tokens', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(converse('usage-1200-300'))
  expect(answer.usage).toEqual({ inputTokens: 1200, outputTokens: 300, totalTokens: 1500 })
  expect(sim.stats()).toMatchObject({ inputTokens: 1200, outputTokens: 300 })
})

test('the model sized-40 reports a token for four characters, and 40 % of the requested output tokens', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(converse('sized-40', 'x'.repeat(400), { maxTokens: 200 }))
  expect(answer.usage).toEqual({ inputTokens: 100, outputTokens: 80, totalTokens: 180 })
  expect(sim.requests()).toMatchObject([{ tokens: 180 }])
})

test('a call that was refused has used no tokens', async () => {
  const sim = await simForTest()
  await errorOf(plainClient(sim).send(converse('throttle')))
  expect(sim.requests()).toMatchObject([{ status: 429, tokens: 0 }])
})

test('the model slow-60 takes 60 ms in place of the latency', async () => {
  const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 3_600_000 } } })
  const answer = await plainClient(sim).send(converse('slow-60'))
  expect(answer.metrics?.latencyMs).toBe(60)
})

test.each([
  ['HTTP/1.1', plainClient],
  ['HTTP/2', http2Client],
])('the model reset-1 cuts one call over %s and then answers', async (_name, makeClient) => {
  const sim = await simForTest()
  const client = makeClient(sim)
  expect(await errorOf(client.send(converse('reset-1')))).toMatchObject({
    code: expect.stringMatching(/RESET|STREAM/),
  })
  await client.send(converse('reset-1'))
  expect(sim.requests().map(({ status }) => status)).toEqual([0, 200])
})

test.each([
  ['HTTP/1.1', plainClient],
  ['HTTP/2', http2Client],
])(
  'the model hang never answers over %s, and ends when the caller disconnects',
  async (_name, makeClient) => {
    const sim = await simForTest()
    const abort = new AbortController()
    const call = errorOf(makeClient(sim).send(converse('hang'), { abortSignal: abort.signal }))
    await expect.poll(() => sim.stats().inFlight).toBe(1)
    abort.abort()
    expect((await call).name).toBe('AbortError')
    await expect.poll(() => sim.stats()).toMatchObject({ inFlight: 0, errors: 1 })
  },
)
