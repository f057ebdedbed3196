// Workers come and go under load: more of them never send faster than the quota, and none at all loses nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readSamples, sumOf } from '../flow/metric-samples.ts'
import type { Ended } from '../flow/quarry-process.ts'
import { startScenario } from './scenario.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const PER_MINUTE = 600
const PER_SECOND = PER_MINUTE / 60
/** Calls with each number of workers: five seconds of the quota. */
const CALLS_OF_A_STEP = 5 * PER_SECOND
const INSTANCES = 400
const LEASE_MS = 5_000

it('1, 5, 2, no and 2 workers: one pace, nothing lost, nothing called twice', async (test) => {
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 1, bedrock: 1 },
    env: {
      // One key for all: the stand-in counts a quota for each.
      AWS_ACCESS_KEY_ID: 'AKIAOFALLWORKERS',
      QUARRY_DEFAULT_RPM: String(PER_MINUTE),
      QUARRY_LEASE: `PT${LEASE_MS / 1_000}S`,
    },
    sim: {
      quotas: [{ requestsPerMinute: PER_MINUTE, burstSeconds: 1 }],
      latency: { kind: 'lognormal', medianMs: 400, sigma: 0.5 },
    },
  })
  const arrivals = () => standIn.calls().map(({ at }) => at)
  const ends: Ended[] = []
  const step = async (workers: number): Promise<void> => {
    ends.push(...(await fleet.scale('bedrock', workers)))
    const soFar = arrivals().length
    await waitFor('calls of this step', () => arrivals().length >= soFar + CALLS_OF_A_STEP)
    for (const { name, roles, quarry } of fleet.running()) {
      if (roles !== 'bedrock') continue
      const calls = sumOf(
        readSamples((await quarry.get('/metrics')).text),
        'quarry_bedrock_call_seconds_count',
        {},
      )
      expect(calls, `calls of ${name}`).toBeGreaterThan(0)
    }
  }
  await instances.start(INSTANCES)
  for (const workers of [1, 5, 2]) await step(workers)
  const beforeNone = arrivals()
  ends.push(...(await fleet.scale('bedrock', 0)))
  const withNone = arrivals().length
  // Zeebe would hand all of it out again by then, if nobody kept the leases.
  await sleep(LEASE_MS * 1.5)
  expect(arrivals()).toHaveLength(withNone)
  await step(2)
  await instances.ended(60_000)

  const all = arrivals()
  const counted = await tally(instances, standIn)
  const throttled = counted.calls - counted.paid
  const mostInTenSeconds = Math.max(...all.map((from) => countWithin(all, from, 10_000)))
  // While work waited: up to the last call before there was no worker, and from the first one after.
  const used = [beforeNone, all.slice(withNone, -PER_SECOND)].map(shareOfQuota)
  printTally('1, 5, 2, no and 2 workers', counted, {
    'quota used before and after there was none': used.map((share) => share.toFixed(3)).join(', '),
    'calls answered 429': throttled,
    'most calls in 10 s': `${mostInTenSeconds} of ${10 * PER_SECOND} and a burst of ${PER_SECOND}`,
  })
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({ completed: INSTANCES, lost: 0, incidents: 0, failures: 0, paidAgain: [] })
  expect(throttled / counted.calls).toBeLessThanOrEqual(0.005)
  expect(mostInTenSeconds).toBeLessThanOrEqual(11 * PER_SECOND)
  for (const share of used) expect(share).toBeGreaterThan(0.9)
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
