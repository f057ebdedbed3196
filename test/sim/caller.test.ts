import { once } from 'node:events'
import { request } from 'node:http'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { expect, onTestFinished, test } from 'vitest'
import type { Sim } from '../../sim/sim.ts'
import { converse, errorOf, http2Client, plainClient, simForTest, tlsClient } from './clients.ts'

const PROFILE = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0'

function bearerClient(sim: Sim, token: string): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    endpoint: sim.url,
    region: 'eu-west-1',
    token: { token },
    authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  })
  onTestFinished(() => client.destroy())
  return client
}

test.each([
  ['HTTP/1.1', plainClient],
  ['TLS and HTTP/1.1', tlsClient],
  ['HTTP/2', http2Client],
])('a valid signature is accepted over %s', async (_name, makeClient) => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const client = makeClient(sim)
  await client.send(converse('anthropic.claude-3-5-sonnet-20240620-v1:0'))
  await client.send(converse(PROFILE))
  expect(sim.stats().ok).toBe(2)
})

test('a session token is part of the signature', async () => {
  const sim = await simForTest({ credentials: { ASIATEST: 'secret' } })
  const account = { accessKeyId: 'ASIATEST', sessionToken: 'token' }
  await plainClient(sim, account).send(converse('m1'))
  expect(sim.stats().ok).toBe(1)
})

test('a wrong secret is refused', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const error = await errorOf(plainClient(sim, { secretAccessKey: 'other' }).send(converse('m1')))
  expect(error.name).toBe('InvalidSignatureException')
  expect(error).toMatchObject({ $metadata: { httpStatusCode: 403 } })
  expect(sim.stats().lanes['AKIATEST|eu-west-1|m1']).toMatchObject({ requests: 1, errors: 1, ok: 0 })
})

test('an unknown access key is refused', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const error = await errorOf(plainClient(sim, { accessKeyId: 'AKIAOTHER' }).send(converse('m1')))
  expect(error.name).toBe('UnrecognizedClientException')
})

test('a body changed on the way is refused', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const client = plainClient(sim)
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request as object, { body: '{"messages":[{"content":[{"text":"Tampered!!!"}]}]}' })
      Object.assign((args.request as { headers: object }).headers, { 'content-length': '51' })
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'tamper' },
  )
  expect((await errorOf(client.send(converse('m1')))).name).toBe('InvalidSignatureException')
})

test('a signature an hour old is refused', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const client = plainClient(sim)
  client.config.systemClockOffset = -3_600_000
  const error = await errorOf(client.send(converse('m1')))
  expect(error.message).toContain('Signature expired')
})

test.each([
  ['no authorization', {}, 'MissingAuthenticationTokenException'],
  ['one that is no signature', { authorization: 'AWS4-HMAC-SHA256 x' }, 'IncompleteSignatureException'],
])('a call with %s is refused', async (_name, headers, type) => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/model/m1/converse`, { method: 'POST', headers, body: '{}' })
  expect(answer.status).toBe(403)
  expect(answer.headers.get('x-amzn-errortype')).toContain(type)
})

test('a bearer token is accepted, and named by its hash', async () => {
  const sim = await simForTest({ bearerKeys: ['right'] })
  await bearerClient(sim, 'right').send(converse('m1'))
  expect(sim.requests()).toMatchObject([{ accessKey: 'bearer:27042f4e', region: 'unknown' }])
  const error = await errorOf(bearerClient(sim, 'wrong').send(converse('m1')))
  expect(error.name).toBe('AccessDeniedException')
  expect(error.message).not.toContain('wrong')
})

test('the region of a bearer token is the one of the host', async () => {
  const sim = await simForTest()
  const call = request(`${sim.url}/model/m1/invoke`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', host: 'bedrock-runtime.us-west-2.amazonaws.com' },
  })
  call.end('{}')
  const [response] = await once(call, 'response')
  response.resume()
  expect(sim.requests()).toMatchObject([{ region: 'us-west-2', status: 200 }])
})
