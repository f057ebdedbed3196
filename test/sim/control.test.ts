import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { converse, plainClient, simForTest } from './clients.ts'

test('statistics and the log are served over HTTP as the functions return them', async () => {
  const sim = await simForTest()
  await plainClient(sim).send(converse('m1'))
  expect(await (await fetch(`${sim.url}/__sim/stats`)).json()).toEqual(sim.stats())
  expect(await (await fetch(`${sim.url}/__sim/requests`)).json()).toEqual(sim.requests())
  expect(await (await fetch(`${sim.url}/__sim/health`)).json()).toEqual({ status: 'ok' })
})

test('the TLS port serves them too', async () => {
  const sim = await simForTest()
  const answer = await new Promise<string>((resolve, reject) => {
    get(`${sim.tlsUrl}/__sim/health`, { ca: readFileSync(sim.caFile) }, (response) => {
      text(response).then(resolve, reject)
    }).on('error', reject)
  })
  expect(answer).toBe('{"status":"ok"}')
})

test('settings are read, changed in part and in force at once', async () => {
  const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 5 } } })
  const answer = await fetch(`${sim.url}/__sim/settings`, {
    method: 'PUT',
    body: JSON.stringify({ quotas: [{ requestsPerMinute: 60 }] }),
  })
  const expected = {
    quotas: [{ requestsPerMinute: 60 }],
    latency: { kind: 'fixed', ms: 5 },
    faults: [],
    stream: {},
    scripts: [],
    cacheMinimums: [{ model: '*haiku*', tokens: 4096 }, { tokens: 1024 }],
    schemaCompileMs: 0,
    guardrails: [{ id: 'simguardrail', words: ['forbidden'], maskEmails: true }],
    tiers: { reserved: 'default' },
    roles: [],
    podRole: 'arn:aws:iam::123456789012:role/pod',
    lenient: [],
    recordBodies: false,
  }
  expect(await answer.json()).toEqual(expected)
  expect(await (await fetch(`${sim.url}/__sim/settings`)).json()).toEqual(expected)
  await plainClient(sim).send(converse('m1'))
  expect(sim.stats().lanes['AKIATEST|eu-west-1|m1']?.quotaRequestsPerMinute).toBe(60)
})

test.each([
  ['{"quotas":[{"requestsPerMinute":-1}]}', 'settings.quotas[0].requestsPerMinute: Too small'],
  ['{"latency":{"kind":"fixed","ms":"1"}}', 'settings.latency.ms: Invalid input: expected number'],
  ['{"fault":[]}', 'settings: Unrecognized key: "fault"'],
  ['{"faults":[{"fault":"melt"}]}', 'settings.faults[0].fault: Invalid option'],
  ['{"latency":{"kind":"uniform","minMs":2,"maxMs":1}}', 'minMs must not be above maxMs'],
  ['{', 'The request body is not JSON'],
])('the wrong settings %s are refused by name and change nothing', async (body, message) => {
  const sim = await simForTest()
  const before = sim.settings()
  const answer = await fetch(`${sim.url}/__sim/settings`, { method: 'PUT', body })
  expect(answer.status).toBe(400)
  expect(((await answer.json()) as { message: string }).message).toContain(message)
  expect(sim.settings()).toEqual(before)
})

test('one request resets the stand-in', async () => {
  const sim = await simForTest()
  await plainClient(sim).send(converse('m1'))
  await fetch(`${sim.url}/__sim/reset`, { method: 'POST' })
  expect(sim.stats().requests).toBe(0)
})

test('an unknown control path is answered with the known ones', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/__sim/nothing`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('GET /__sim/stats')
})

test('fault rules of several callers are added and removed each by itself, with the strikes that the others have left', async () => {
  const sim = await simForTest({ settings: { faults: [{ model: 'theirs', count: 2, fault: 'throttle' }] } })
  const status = () =>
    plainClient(sim)
      .send(converse('theirs'))
      .then(
        () => 200,
        (error) => error.$metadata.httpStatusCode,
      )
  expect(await status()).toBe(429)
  const faults = `${sim.url}/__sim/faults`
  const add = (rule: unknown) => fetch(faults, { method: 'POST', body: JSON.stringify(rule) })
  const first = (await (await add({ model: 'mine', fault: 'denied' })).json()) as { id: string }
  await add({ model: 'others', fault: 'denied' })
  expect(sim.settings().faults.map(({ model }) => model)).toEqual(['theirs', 'mine', 'others'])
  expect((await fetch(`${faults}/${first.id}`, { method: 'DELETE' })).status).toBe(200)
  expect(sim.settings().faults.map(({ model }) => model)).toEqual(['theirs', 'others'])
  await plainClient(sim).send(converse('mine'))
  await expect(plainClient(sim).send(converse('others'))).rejects.toThrow()
  expect([await status(), await status()]).toEqual([429, 200])
  const again = await fetch(`${faults}/${first.id}`, { method: 'DELETE' })
  expect(again.status).toBe(404)
  expect(await again.json()).toEqual({ message: expect.stringContaining('all rules were replaced') })
  const wrong = await add({ fault: 'melt' })
  expect(wrong.status).toBe(400)
  expect(await wrong.text()).toContain('rule.fault: Invalid option')
})
