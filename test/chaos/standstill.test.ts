// A worker that stands still for longer than its locks last, in the midst of throttled calls, and then goes on where it was.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { strikeAndCount, unexplained } from './in-flight.ts'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

/** BullMQ gives a worker's jobs to others after 30 to 40 s. */
const LEAST_MS = 45_000

it('a worker suspended and resumed amid throttles: every job stays in a lane, and only calls that it had sent are paid twice', async (test) => {
  const wanted = scaled(220, 160)
  const stillMs = scaled(60_000, LEAST_MS)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 1, bedrock: 2 },
    // A job that was in no lane would come back after five minutes only.
    env: { QUARRY_DEFAULT_RPM: '600', QUARRY_LANE_CONCURRENCY: '20' },
    sim: {
      latency: { kind: 'lognormal', medianMs: 3_000, sigma: 0.5 },
      // Of each worker; far less than is configured.
      quotas: [{ requestsPerMinute: 150 }],
    },
  })
  await instances.start(wanted)
  const victim = fleet.running().find(({ roles }) => roles === 'bedrock')
  if (victim === undefined) throw new Error('no worker runs')
  const own = () => standIn.calls().filter(({ accessKey }) => accessKey === victim.accessKey)
  await waitFor(
    'it is in the midst of them',
    () => own().length >= 20 && own().filter(({ open }) => open).length >= 4,
  )
  const struck = await strikeAndCount(
    standIn,
    { what: 'standstill', of: ({ accessKey }) => accessKey === victim.accessKey },
    async () => victim.quarry.signal('SIGSTOP'),
  )
  await sleep(stillMs)
  victim.quarry.signal('SIGCONT')
  const wentOnAt = performance.now()
  const isThrough = await instances.ended(90_000)
  const counted = await tally(instances, standIn, [struck])
  const lost = fleet.running().flatMap(({ quarry }) => quarry.log.filter(({ msg }) => msg === 'lease lost'))
  printTally(`a worker stood still for ${stillMs / 1_000} s`, counted, {
    'jobs seen in no lane': lost.length,
    'seconds after it': Math.round((performance.now() - wentOnAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(isThrough).toBe(true)
  expect(counted).toMatchObject({
    completed: counted.started,
    lost: 0,
    incidents: 0,
    failures: 0,
    timeouts: 0,
  })
  expect(unexplained(standIn.calls(), [struck])).toEqual([])
  expect(lost).toEqual([])
})
