// Workers come and go under load: more of them never send faster than the quota, and none at all loses nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { makeLanesFile } from '../flow/lanes-file.ts'
import { readSamples, sumOf } from '../flow/metric-samples.ts'
import type { Ended } from '../flow/quarry-process.ts'
import { startScenario } from './scenario.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const PER_MINUTE = 360
const PER_SECOND = PER_MINUTE / 60
/** How much of the quota may be caught up with, where the machine was busy with starting processes. */
const BURST_SECONDS = 3
/** Calls with each number of workers, and so many instances that none of them is short of work. */
const CALLS_OF_A_STEP = 5 * PER_SECOND
const OPEN = 2 * CALLS_OF_A_STEP
const LEASE_MS = 8_000

it('scaling to 1, 5, 2, 0 and 2 workers keeps the pace of the lane, loses no job and calls none twice', async (test) => {
  const lanes = await makeLanesFile(
    `quotas: [{ requestsPerMinute: ${PER_MINUTE}, burstSeconds: ${BURST_SECONDS} }]`,
  )
  test.onTestFinished(lanes.remove)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 1, bedrock: 1 },
    env: {
      // One key for all: the stand-in counts a quota for each.
      AWS_ACCESS_KEY_ID: 'AKIAOFALLWORKERS',
      QUARRY_LANES_FILE: lanes.path,
      QUARRY_LEASE: `PT${LEASE_MS / 1_000}S`,
    },
    sim: {
      // Calls that were sent evenly may arrive together: twice the burst.
      quotas: [{ requestsPerMinute: PER_MINUTE, burstSeconds: 2 * BURST_SECONDS }],
      latency: { kind: 'lognormal', medianMs: 400, sigma: 0.5 },
    },
  })
  const arrivals = () => standIn.calls().map(({ at }) => at)
  const ends: Ended[] = []
  const used: number[] = []
  const work = async (): Promise<void> => {
    const missing = OPEN - (await instances.count()).open
    if (missing > 0) await instances.start(missing)
  }
  const step = async (workers: number): Promise<void> => {
    // Work waits while workers come and go, and again while they are measured.
    await work()
    ends.push(...(await fleet.scale('bedrock', workers)))
    await work()
    const soFar = arrivals().length
    const isOver = () => arrivals().length >= soFar + CALLS_OF_A_STEP
    await waitFor('calls of this step', isOver, 120_000)
    used.push(shareOfQuota(arrivals().slice(soFar)))
    for (const { name, roles, quarry } of fleet.running()) {
      if (roles !== 'bedrock') continue
      const samples = readSamples((await quarry.get('/metrics')).text)
      expect(sumOf(samples, 'quarry_bedrock_call_seconds_count', {}), `calls of ${name}`).toBeGreaterThan(0)
    }
  }
  for (const workers of [1, 5, 2]) await step(workers)
  await work()
  ends.push(...(await fleet.scale('bedrock', 0)))
  const withNone = arrivals().length
  // Zeebe would hand all of it out again by then, if nobody kept the leases.
  await sleep(LEASE_MS * 1.25)
  expect(arrivals()).toHaveLength(withNone)
  await step(2)
  await instances.ended(60_000)

  const all = arrivals()
  const counted = await tally(instances, standIn)
  const throttled = counted.calls - counted.paid
  const mostInTenSeconds = Math.max(...all.map((from) => countWithin(all, from, 10_000)))
  printTally('1, 5, 2, no and 2 workers', counted, {
    'quota used by 1, 5, 2 and 2 workers': used.map((share) => share.toFixed(2)).join(', '),
    'calls answered 429': throttled,
    'most calls in 10 s': `${mostInTenSeconds}; the quota is ${10 * PER_SECOND} and a burst of ${BURST_SECONDS * PER_SECOND}`,
  })
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({
    completed: counted.started,
    lost: 0,
    incidents: 0,
    failures: 0,
    paidAgain: [],
  })
  expect(counted.paid).toBe(counted.started)
  expect(throttled / counted.calls).toBeLessThanOrEqual(0.005)
  // A second's calls may have been on their way.
  expect(mostInTenSeconds).toBeLessThanOrEqual((10 + BURST_SECONDS + 1) * PER_SECOND)
  // How close to its quota a lane comes is measured in bench/: here it is only not held up.
  for (const share of used) expect(share).toBeGreaterThan(0.7)
})

/** The calls from `from` on, for so long. */
function countWithin(arrivals: readonly number[], from: number, ms: number): number {
  return arrivals.filter((at) => at >= from && at < from + ms).length
}

/** What was sent between the first and the last of these calls, as a share of what the quota let through. */
function shareOfQuota(arrivals: readonly number[]): number {
  const [first = 0] = arrivals
  const seconds = ((arrivals.at(-1) ?? 0) - first) / 1_000
  return (arrivals.length - 1) / (seconds * PER_SECOND)
}
