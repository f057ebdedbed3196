// Hundreds of model names at once, as a diagram makes them by mistake or to do harm: on a gateway of its own, with a real Redis
// and the stand-in.
import { randomUUID } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import { jobKey } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeAwayStore } from '../../src/lanes/away/away-store.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import type { RunningProcess } from '../../workers/all-in-one.ts'
import type { FakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { makeLanesFile } from './lanes-file.ts'
import { onFakeGateway } from './on-fake-gateway.ts'
import { until } from './quarry-process.ts'

const on = onFakeGateway()
const { stops } = on
let gateway: FakeGateway
let quarry: RunningProcess
let redis: RedisClient
let keys: Keys
let jobType: string

beforeEach(() => {
  gateway = on.gateway
})

async function start(overrides: Record<string, string>): Promise<void> {
  const started = await on.start(overrides)
  const { env } = started
  ;({ quarry, jobType } = started)
  redis = connectRedis({ target: redisAt(env['REDIS_URL'] ?? ''), name: 'test', onError: () => undefined })
  stops.push(() => closeRedis(redis))
  keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
}

const laneOf = (model: string) => laneName({ account: 'default', region: 'eu-west-1', model })
const keysOf = (name: string) => redis.keys(`${keys.prefix}:{${name}}:*`)

it('200 lanes share 100 places in turn, a known lane keeps its place, and forgotten lanes leave no key behind', async () => {
  await start({ QUARRY_MAX_LANES: '100' })
  const id = randomUUID().slice(0, 8)
  const known = `known@${id}`
  await gateway.ended(gateway.addJob(converseJob(jobType, known)))
  const models = Array.from({ length: 200 }, (_, index) => `name-${index}@${id}`)
  const jobs = models.map((model) => gateway.addJob(converseJob(jobType, model)))
  await until('the lanes are full', async () => (await redis.zcard(keys.lanes)) >= 100)
  await gateway.ended(gateway.addJob(converseJob(jobType, known)))
  const most = { lanes: 0 }
  await until('all have had their turn', async () => {
    most.lanes = Math.max(most.lanes, await redis.zcard(keys.lanes))
    return jobs.every((key) => gateway.job(key).state === 'completed')
  })
  expect(most.lanes).toBeLessThanOrEqual(100)
  const registry = makeLaneRegistry(redis, keys)
  await until('nothing is left of them but what ends by itself', async () => {
    for (const lane of await registry.list()) if (lane.idleMs > 5_000) await registry.forget(lane)
    await Promise.all(models.map((model) => registry.clear(laneOf(model))))
    const left = (await Promise.all(models.map((model) => keysOf(laneOf(model))))).flat()
    const ttls = await Promise.all(left.map((key) => redis.pttl(key)))
    return ttls.every((ttl) => ttl > 0)
  })
  const page = await (await fetch(`${quarry.url}/metrics`)).text()
  expect(new Set(page.match(/name-\d+@/g)).size).toBeLessThanOrEqual(100)
})

it('a lane with held jobs, jobs away or an operator’s overrides is not forgotten; a forgotten lane leaves no key behind', async () => {
  await start({})
  const registry = makeLaneRegistry(redis, keys)
  const names = ['busy', 'held', 'away', 'idle'].map(laneOf)
  for (const name of names) await registry.touch(name)
  await redis.zadd(keys.prioritized(names[0] ?? laneOf('')), 1, 'z-1-1')
  await redis.hset(keys.overrides(names[1] ?? laneOf('')), 'draining', '1')
  const away = makeAwayStore(redis, keys)
  const job = { key: jobKey('1'), order: null, awayMs: 60_000, sinceMs: null }
  const idle = names[3] ?? laneOf('')
  await away.leave({ lane: names[2] ?? laneOf(''), of: 'a-tenant' }, [job])
  await away.leave({ lane: idle, of: 'a-tenant' }, [{ ...job, awayMs: -60_000 }])
  // It was due long ago, and did not come.
  await away.recall({ lane: idle, of: 'a-tenant' }, 0)
  await redis.hset(keys.pace(idle), 'pace', '1')
  const lanes = await registry.list()
  const forgotten = await Promise.all(
    names.map((name) => registry.forget(lanes.find((lane) => lane.name === name) ?? { name, usedAtMs: 0 })),
  )
  expect(forgotten).toEqual([false, false, false, true])
  expect(await keysOf(idle)).toEqual([])
})

it('with an allow-list in the lanes file, jobs for other models fail with the reason, and get no lane', async () => {
  const file = await makeLanesFile('allow:\n  - { region: eu-west-1, model: "good*" }\n')
  stops.push(file.remove)
  await start({ QUARRY_LANES_FILE: file.path })
  const good = gateway.addJob(converseJob(jobType, 'good@x'))
  const bad = gateway.addJob(converseJob(jobType, 'bad@x'))
  await gateway.ended(good)
  await until('the other has failed', async () => gateway.job(bad).errorMessage !== '')
  expect(gateway.job(good).state).toBe('completed')
  expect(gateway.job(bad).errorMessage).toContain('no entry of "allow" in the lanes file')
  expect(await redis.zscore(keys.lanes, laneOf('bad@x'))).toBeNull()
})
