// More jobs than the backlog takes: of a lane that stands still, which must starve nobody; and of a lane that moves, where
// old ones come first.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { makeLaneQueueHandles } from '../../src/control/lane-queue-handles.ts'
import { laneName } from '../../src/job/lane.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { WARNING } from '../flow/quarry-process.ts'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const quick = { latency: { kind: 'lognormal', medianMs: 20, sigma: 0.2 } } as const
const seconds = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 100) / 10

it('a paused lane with 4,000 jobs starves no other one, and none of its jobs lies leased and unread', async (test) => {
  const { fleet, standIn, prefix, instances, deploy } = await startScenario(test, {
    places: { adapter: 1, bedrock: 1 },
    sim: quick,
  })
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  test.onTestFinished(() => closeRedis(redis))
  const queues = makeLaneQueueHandles(redis, makeKeys(prefix), () => undefined)
  test.onTestFinished(queues.close)
  const lane = queues.of(laneName({ account: 'default', region: 'eu-west-1', model: instances.model }))
  const free = await deploy({ model: `free-${instances.model}` })
  await lane.pause()
  await instances.start(scaled(4_000, 2_500))
  const freeAt = performance.now()
  await free.start(50)
  await waitFor('the free lane is done', async () => (await free.count()).completed >= 50)
  const freeSeconds = seconds(freeAt)
  const { completed } = await instances.count()
  const metrics = (await Promise.all(fleet.running().map(({ quarry }) => quarry.get('/metrics'))))
    .map(({ text }) => text)
    .join('\n')
  const told = fleet
    .running()
    .flatMap(({ quarry }) => quarry.log.filter(({ level, lane }) => level >= WARNING && lane !== undefined))
  await lane.resume()
  const resumedAt = performance.now()
  // A job that lay unread would keep them waiting for the lease of five minutes.
  const all = await instances.ended(100_000)
  const counted = await tally(instances, standIn)
  printTally('a paused lane with 4,000 jobs', counted, {
    'seconds of 50 jobs of a free lane': freeSeconds,
    'returned meanwhile': /quarry_jobs_returned_total\{reason="laneFull"\} (\d+)/.exec(metrics)?.[1] ?? 0,
    'seconds from its resumption until it was through': seconds(resumedAt),
  })
  expect(fleet.crashes).toEqual([])
  expect(completed).toBe(0)
  expect(freeSeconds).toBeLessThan(15)
  expect(told).toMatchObject([
    { msg: 'jobs of a lane go back to Zeebe, until it has room for them', why: 'paused' },
  ])
  expect(all).toBe(true)
  expect(counted).toMatchObject({
    completed: counted.started,
    incidents: 0,
    failures: 0,
    calls: counted.started,
  })
})

it('what waited in Zeebe before is called before what came later, at the pace of the quota', async (test) => {
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { bedrock: 1 },
    env: { QUARRY_DEFAULT_RPM: '1200', QUARRY_MAX_BACKLOG: '200' },
    sim: quick,
  })
  const old = scaled(600, 400)
  await instances.start(old)
  const { started } = await instances.count()
  const isOld = (job: string) => Number(/\d+/.exec(job)?.[0]) <= started
  const calls = () => standIn.calls().filter(({ model }) => model === instances.model)
  await fleet.scale('adapter', 1)
  const startedAt = performance.now()
  const coming = new AbortController()
  const newOnes = (async () => {
    while (!coming.signal.aborted) await Promise.all([instances.start(10), sleep(1_000)])
  })()
  await waitFor('all old ones are called', () => calls().filter(({ job }) => isOld(job)).length >= started)
  const lastOldSeconds = seconds(startedAt)
  coming.abort()
  await newOnes
  const jobs = calls().map(({ job }) => job)
  const before = jobs.slice(0, jobs.findLastIndex(isOld)).filter((job) => !isOld(job)).length
  const came = (await instances.count()).started - started
  printTally('oldest first after an outage', await tally(instances, standIn), {
    'old ones': started,
    'new ones': came,
    'of these before the last old one': before,
    'seconds until the last old one': lastOldSeconds,
  })
  expect(fleet.crashes).toEqual([])
  expect(before / came).toBeLessThanOrEqual(0.05)
  // At the quota's pace, and what its ramp and the start of an adapter take.
  expect(lastOldSeconds).toBeLessThan(started / 20 + 10)
})
