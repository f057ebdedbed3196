// A master that Sentinels watch dies in the middle of a run: jobs go on at the replica that takes its place.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWatchedRedis, type WatchedRedis } from '../../embedded/redis/start-sentinels.ts'
import { callsOf, until } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

const JOBS = 40

let watched: WatchedRedis
let quarry: QuarryUnderTest

beforeAll(async () => {
  watched = await startWatchedRedis(await redisSource(), QUIETLY)
  quarry = await startQuarry({
    QUARRY_REDIS_SENTINELS: watched.sentinels.join(','),
    QUARRY_REDIS_SENTINEL_MASTER: watched.master,
    // Replication is asynchronous: what the replica had not got comes back from Zeebe by its lease.
    QUARRY_LEASE: 'PT10S',
    // A call every 50 ms: the run is long enough for the failover to come in its middle.
    QUARRY_DEFAULT_RPM: '1200',
  })
})
afterAll(async () => {
  await quarry?.stop()
  await watched?.stop()
})

it('a failover in mid-run loses no job', async () => {
  const model = `nova@${randomUUID()}`
  const id = await quarry.deploy({ inputs: converseInputs(model) })
  const first = await watched.masterPort()
  const runs = Promise.all(Array.from({ length: JOBS }, () => quarry.run(id)))
  await until('some jobs are done', async () => (await callsOf(model)).length >= 5)
  watched.killMaster()
  const before = (await callsOf(model)).length
  expect(await runs).toHaveLength(JOBS)
  expect(before).toBeLessThan(JOBS)
  expect(await watched.masterPort()).not.toBe(first)
  expect((await callsOf(model)).length).toBeGreaterThanOrEqual(JOBS)
  await until('it is ready again', async () => quarry.process.ready())
})
