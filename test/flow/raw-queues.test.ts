// What the raw queues ask of the real Redis, and what they answer while it goes silent, as when a network swallows what is sent.
import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { Hono } from 'hono'
import type { Command } from 'ioredis'
import { expect, inject, it, onTestFinished } from 'vitest'
import type { KnownLane } from '../../src/dashboard/lane-adapter.ts'
import { makeRawQueues } from '../../src/dashboard/raw-queues.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { makeLightJobs } from '../../src/lanes/queue/light-jobs.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { startTcpProxy } from '../chaos/tcp-proxy.ts'
import { until } from './quarry-process.ts'

const lanesOf = (count: number): readonly KnownLane[] =>
  Array.from({ length: count }, (_, index) => {
    const lane = { account: 'default', region: 'eu-west-1', model: `model-${index}` }
    return { ...lane, name: laneName(lane), waiting: index, delayed: 0, active: 0, state: 'running' }
  })

/** The raw queues of some lanes over a Redis, and which commands they send. */
async function rawQueues(url: string, lanes: readonly KnownLane[]) {
  const redis = connectRedis({ target: redisAt(url), name: 'test', onError: () => undefined })
  const keys = makeKeys(`test-${randomUUID()}`)
  const queues = makeLaneQueues(redis, keys, () => undefined)
  const sent: string[] = []
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command: Command) => {
    sent.push(`${command.name} ${String(command.args[0] ?? '')}`.toLowerCase())
    return send(command)
  }
  let nowMs = 0
  const app = makeRawQueues({
    ...{ lanes: () => lanes, queues, queueOf: keys.queue, jobs: makeLightJobs(redis) },
    ...{ available: () => redis.status === 'ready', label: null, now: () => nowMs },
  })
  await until('Redis is there', async () => redis.status === 'ready')
  const all = new Hono().route('/queues', app)
  onTestFinished(() => redis.disconnect())
  return {
    ...{ redis, keys, sent },
    ask: (path: string) => all.request(`/queues/api/${path}`),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

const nameOf = ({ name }: KnownLane): string => decodeURIComponent(`{${name}}`)

it('the raw queues page fails when Redis is connected but silent', async () => {
  const { hostname, port } = new URL(inject('redisUrl'))
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  onTestFinished(() => proxy.close())
  const [lane, ...rest] = lanesOf(1)
  if (lane === undefined) throw new Error('no lane')
  const { ask } = await rawQueues(`redis://127.0.0.1:${proxy.port}`, [lane, ...rest])
  const path = `queues?activeQueue=${encodeURIComponent(nameOf(lane))}`
  expect(JSON.stringify(await (await ask(path)).json())).toContain('eu-west-1')
  proxy.silence()
  const silent = await ask(`${path}&page=2`)
  expect(silent.status).toBe(503)
  expect(await silent.json()).toMatchObject({ detail: 'Redis does not answer.' })
})

it('the raw queues page costs Redis no more for many lanes or many viewers', async () => {
  const lanes = lanesOf(50)
  const { ask, sent, pass, redis, keys } = await rawQueues(inject('redisUrl'), lanes)
  const [shown] = lanes
  if (shown === undefined) throw new Error('no lane')
  const queue = new Queue(keys.queue(shown.name), { connection: redis, prefix: keys.prefix })
  const names = Array.from({ length: 30 }, (_, index) => `z-${index + 1}-1`)
  await queue.addBulk(names.map((jobId) => ({ name: '1 flow', data: { prompt: 'secret' }, opts: { jobId } })))
  sent.length = 0

  const listed = (await (await ask('queues')).json()) as { queues: { counts: { prioritized: number } }[] }
  expect(listed.queues).toHaveLength(50)
  expect(listed.queues.map(({ counts }) => counts.prioritized)).toEqual(lanes.map(({ waiting }) => waiting))
  expect(sent).toEqual([])

  const path = `queues?activeQueue=${encodeURIComponent(nameOf(shown))}&jobsPerPage=1000000&status=waiting`
  const first = await (await ask(path)).text()
  expect(first).toContain('z-30-1')
  expect(first).not.toContain('secret')
  const once = sent.length
  // The counts, the page of ids, and 20 jobs of it, whatever was asked for.
  expect(once).toBeLessThanOrEqual(30)
  await Promise.all([ask(path), ask(path), ask(path.replace('1000000', '20'))])
  expect(sent).toHaveLength(once)
  pass(10_000)
  await Promise.all([ask(path), ask(path)])
  expect(sent).toHaveLength(2 * once)

  for (const other of ['redis/stats', `queues/${encodeURIComponent(nameOf(shown))}/workers`])
    expect((await ask(other)).status).toBeGreaterThanOrEqual(400)
  expect(await (await ask('job-schedulers')).json()).toEqual({ schedulers: [] })
  expect(sent.filter((command) => /^(client|info|keys|scan)/.test(command))).toEqual([])
})

it('the raw queues page lists the busiest of very many lanes, and any other by its name', async () => {
  const lanes = lanesOf(500)
  const { ask, sent } = await rawQueues(inject('redisUrl'), lanes)
  const names = async (path: string): Promise<string[]> => {
    const { queues } = (await (await ask(path)).json()) as { queues: { name: string }[] }
    return queues.map(({ name }) => name)
  }
  const busiest = lanes.slice(-100).map(nameOf)
  expect(new Set(await names('queues'))).toEqual(new Set(busiest))
  const idle = lanes.slice(0, 1).map(nameOf)
  const named = await names(`queues?activeQueue=${encodeURIComponent(idle.join())}`)
  expect(new Set(named)).toEqual(new Set([...busiest, ...idle]))
  expect(sent.length).toBeLessThanOrEqual(10)
})
