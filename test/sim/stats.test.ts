import { expect, test } from 'vitest'
import { converse, errorOf, invoke, plainClient, simForTest } from './clients.ts'

test('statistics count every call once, in total and by lane', async () => {
  const sim = await simForTest({
    settings: {
      latency: { kind: 'uniform', minMs: 0, maxMs: 20 },
      faults: [{ share: 0.2, fault: 'internal' }],
    },
  })
  const clients = ['AKIAONE', 'AKIATWO'].map((accessKeyId) => plainClient(sim, { accessKeyId }))
  const calls = clients.flatMap((client, account) =>
    Array.from({ length: 75 }, (_, index) => client.send(converse('m1', `call ${account} ${index}`))),
  )
  const answered = (await Promise.allSettled(calls)).filter(({ status }) => status === 'fulfilled').length
  const stats = sim.stats()
  expect(stats).toMatchObject({
    requests: 150,
    ok: answered,
    errors: 150 - answered,
    throttled: 0,
    duplicates: 0,
    inFlight: 0,
    inputTokens: answered * 10,
    outputTokens: answered * 5,
  })
  const lanes = Object.values(stats.lanes)
  expect(Object.keys(stats.lanes)).toEqual(['AKIAONE|eu-west-1|m1', 'AKIATWO|eu-west-1|m1'])
  expect(lanes.map(({ requests }) => requests)).toEqual([75, 75])
  expect(lanes.reduce((sum, { ok }) => sum + ok, 0)).toBe(answered)
})

test('statistics count a repeated model and body as a duplicate', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await client.send(converse('m1', 'one'))
  await client.send(converse('m1', 'two'))
  await client.send(converse('m2', 'one'))
  expect(sim.stats().duplicates).toBe(0)
  await Promise.all([client.send(converse('m1', 'one')), client.send(converse('m1', 'one'))])
  expect(sim.stats()).toMatchObject({ requests: 5, duplicates: 2 })
  expect(sim.stats().lanes['AKIATEST|eu-west-1|m1']?.duplicates).toBe(2)
})

test('a call that was refused the first time is not a duplicate', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await errorOf(client.send(converse('throttle-1')))
  await client.send(converse('throttle-1'))
  expect(sim.stats().duplicates).toBe(0)
})

test('a caller that disconnects does not stop the model', async () => {
  const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 100 } } })
  const client = plainClient(sim)
  const abort = new AbortController()
  const call = errorOf(client.send(converse('m1'), { abortSignal: abort.signal }))
  await expect.poll(() => sim.stats().inFlight).toBe(1)
  abort.abort()
  await call
  await expect.poll(() => sim.stats()).toMatchObject({ inFlight: 0, ok: 1 })
  await client.send(converse('m1'))
  expect(sim.stats().duplicates).toBe(1)
})

test('bodies are only kept if that is set', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await client.send(invoke('m1', '{"a":1}'))
  sim.configure({ recordBodies: true })
  await client.send(invoke('m1', '{"b":2}'))
  expect(sim.requests().map(({ body }) => body)).toEqual([undefined, '{"b":2}'])
})

test('a reset zeroes the counters and the log, and fills the quotas', async () => {
  const sim = await simForTest({ settings: { quotas: [{ requestsPerMinute: 1, burstSeconds: 60 }] } })
  const client = plainClient(sim)
  await client.send(converse('m1'))
  await errorOf(client.send(converse('m1')))
  sim.reset()
  expect(sim.stats()).toMatchObject({ requests: 0, ok: 0, throttled: 0, lanes: {} })
  expect(sim.requests()).toEqual([])
  await client.send(converse('m1'))
  expect(sim.stats()).toMatchObject({ ok: 1, duplicates: 0 })
})

test('stop cuts waiting calls, may be repeated, and frees the ports', async () => {
  const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 60_000 } } })
  const call = errorOf(plainClient(sim).send(converse('m1')))
  await expect.poll(() => sim.stats().inFlight).toBe(1)
  await Promise.all([sim.stop(), sim.stop()])
  expect(await call).toMatchObject({ code: 'ECONNRESET' })
  const port = Number(new URL(sim.url).port)
  await simForTest({ port })
})

test('the stand-in names a taken port, with the remedy', async () => {
  const { url } = await simForTest()
  const port = Number(new URL(url).port)
  await expect(simForTest({ port })).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${port} (listen EADDRINUSE: address already in use 127.0.0.1:${port}). Choose another port with --port`,
  )
})
