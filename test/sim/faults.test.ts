import { ServiceUnavailableException } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { converse, errorOf, http2Client, plainClient, simForTest } from './clients.ts'

test('a fault strikes the first n calls of the models it names', async () => {
  const sim = await simForTest({ settings: { faults: [{ model: 'bad*', count: 2, fault: 'unavailable' }] } })
  const client = plainClient(sim)
  await client.send(converse('good'))
  expect(await errorOf(client.send(converse('bad-one')))).toBeInstanceOf(ServiceUnavailableException)
  expect(await errorOf(client.send(converse('bad-two')))).toBeInstanceOf(ServiceUnavailableException)
  await client.send(converse('bad-one'))
  expect(sim.stats()).toMatchObject({ ok: 2, errors: 2 })
})

test('a fault strikes its share of the calls, the same ones for the same seed', async () => {
  const strikes = async (seed: number) => {
    const sim = await simForTest({ seed, settings: { faults: [{ share: 0.3, fault: 'internal' }] } })
    const client = plainClient(sim)
    for (let call = 0; call < 50; call += 1) await client.send(converse('m1')).catch(() => {})
    return sim.requests().map(({ status }) => status)
  }
  const first = await strikes(7)
  expect(first.filter((status) => status === 500).length).toBeGreaterThan(6)
  expect(first.filter((status) => status === 500).length).toBeLessThan(25)
  expect(await strikes(7)).toEqual(first)
  expect(await strikes(8)).not.toEqual(first)
})

test('a throttle fault sends Retry-After', async () => {
  const sim = await simForTest({ settings: { faults: [{ fault: 'throttle', retryAfterSeconds: 7 }] } })
  const answer = await fetch(`${sim.url}/model/m1/converse`, {
    method: 'POST',
    headers: { authorization: 'Bearer key' },
    body: '{}',
  })
  expect(answer.headers.get('retry-after')).toBe('7')
  expect(sim.stats().throttled).toBe(1)
})

test('a slow call takes its time in addition to the latency', async () => {
  const sim = await simForTest({
    settings: { latency: { kind: 'fixed', ms: 10 }, faults: [{ fault: 'slow', slowMs: 40 }] },
  })
  const answer = await plainClient(sim).send(converse('m1'))
  expect(answer.metrics?.latencyMs).toBe(50)
})

describe.each([
  ['HTTP/1.1', plainClient],
  ['HTTP/2', http2Client],
])('over %s', (_name, makeClient) => {
  test.each(['malformed', 'halfbody', 'reset'] as const)('%s breaks one call and no other', async (fault) => {
    const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 20 } } })
    const client = makeClient(sim)
    await client.send(converse('m1', 'opens the connection'))
    sim.configure({ faults: [{ model: 'bad', fault }] })
    const beside = client.send(converse('m1', 'beside it'))
    const error = await errorOf(client.send(converse('bad')))
    if (fault === 'malformed') expect(error).toBeInstanceOf(SyntaxError)
    else expect(error).toMatchObject({ code: expect.stringMatching(/RESET|STREAM/) })
    await beside
    expect(sim.stats()).toMatchObject({ requests: 3, inFlight: 0 })
  })
})

test('an answer broken on its way is paid, and paid twice when asked again', async () => {
  const sim = await simForTest({ settings: { faults: [{ count: 1, fault: 'halfbody' }] } })
  const client = plainClient(sim)
  await errorOf(client.send(converse('m1')))
  await client.send(converse('m1'))
  expect(sim.stats()).toMatchObject({ ok: 2, duplicates: 1 })
})
