// What a job costs in round trips where no throttle holds it back: at most 6 to Redis by itself and 2 to Zeebe. Lower the bounds with each
// trip that is saved. Trips that jobs share count by share.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, inject, it } from 'vitest'
import { type LanesFile, makeLanesFile } from './lanes-file.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'
import { type RoundTrips, type RoundTripWatch, watchRoundTrips } from './round-trips.ts'

const JOBS = 200
const IDLE_MS = 2_000
/** Trips that each job makes by itself: start, reserve, settle, answer, move to finished, reported. A new one is 1 more. */
const MOST_OWN = 6.5
/** Trips that jobs share, as far as they come in batches: how large these are follows from the machine, too. */
const MOST_SHARED = 2.5
const MOST_GRPC = 1.5
/** Writes: these are what goes over the network, and what a process spends its time in. */
const MOST_WRITES = 3
/** A name with less than that for each job is one that jobs share. */
const OWN = 0.5
/** What is sent about jobs. */
const JOB_METHODS = new Set([
  'ActivateJobs',
  'StreamActivatedJobs',
  'CompleteJob',
  'FailJob',
  'ThrowError',
  'UpdateJobTimeout',
])

let watch: RoundTripWatch | undefined
let quarry: QuarryUnderTest | undefined
let lanes: LanesFile | undefined

afterEach(async () => {
  await quarry?.stop()
  watch?.stop()
  await lanes?.remove()
})

it('a job takes no more round trips to Redis than recorded', async () => {
  watch = watchRoundTrips(inject('redisUrl'))
  lanes = await makeLanesFile('quotas:\n  - requestsPerMinute: 600000\n')
  quarry = await startQuarry({ QUARRY_LANES_FILE: lanes.path })
  const processId = await quarry.deploy({ inputs: converseInputs('m'), times: JOBS })
  // Connections are made, scripts loaded, and the lane is open.
  await quarry.run(processId)
  watch.take()
  await sleep(IDLE_MS)
  const idle = watch.take()
  const startedAt = performance.now()
  await quarry.run(processId)
  const spans = (performance.now() - startedAt) / IDLE_MS
  const busy = watch.take()

  const redis = perJob(busy.redis, idle.redis, spans)
  const grpc = perJob(busy.grpc, idle.grpc, spans).filter(([name]) => JOB_METHODS.has(name))
  const own = redis.filter(([, count]) => count >= OWN)
  expect(sumOf(own), table(redis)).toBeLessThanOrEqual(MOST_OWN)
  expect(sumOf(redis) - sumOf(own), table(redis)).toBeLessThanOrEqual(MOST_SHARED)
  expect((busy.writes - idle.writes * spans) / JOBS).toBeLessThanOrEqual(MOST_WRITES)
  expect(sumOf(grpc), table(grpc)).toBeLessThanOrEqual(MOST_GRPC)
  // It is no proof of anything if nothing is seen.
  expect(sumOf(redis)).toBeGreaterThan(1)
  expect(sumOf(grpc)).toBeGreaterThanOrEqual(1)
})

/** For each job, less what the process sends without any. */
function perJob(
  busy: RoundTrips['redis'],
  idle: RoundTrips['redis'],
  spans: number,
): [name: string, count: number][] {
  const counts = [...busy].map(([name, count]): [string, number] => [
    name,
    Math.max(0, count - (idle.get(name) ?? 0) * spans) / JOBS,
  ])
  return counts.sort(([, one], [, other]) => other - one)
}

function sumOf(counts: readonly [string, number][]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0)
}

/** For whoever has to find what grew. */
function table(counts: readonly [string, number][]): string {
  return `${sumOf(counts).toFixed(2)} for a job:\n${counts.map(([name, count]) => `  ${count.toFixed(2)} ${name}`).join('\n')}`
}
