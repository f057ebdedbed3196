// What a process says of an outage: a line when it begins, a line when it ends, and a count.
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { laneName } from '../../src/job/lane.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { logEvents } from '../../src/telemetry/logger.ts'
import { makeMetrics } from '../../src/telemetry/metrics.ts'

const LANE = laneName({ account: 'default', region: 'eu-west-1', model: 'm:0' })
const NAMED = { lane: LANE, region: 'eu-west-1', model: 'm:0' }
const WHY = 'No connection to b.example:443: nothing listens there. Look at the endpoint.'

it('an outage is logged as a warning at its begin and as information at its end, with the lane and the reason', () => {
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  )
  const events = makeEvents()
  logEvents(events, log)
  events.emit('outageBegan', { lane: LANE, why: WHY })
  events.emit('outageEnded', { lane: LANE, lastedMs: 41_000 })
  expect(lines).toEqual([
    { level: 40, ...NAMED, why: WHY, msg: 'outage began, the jobs of this lane wait for its end' },
    { level: 30, ...NAMED, lastedMs: 41_000, msg: 'outage ended' },
  ])
})

it('an outage is counted by lane, without its reason as a label', async () => {
  const events = makeEvents()
  const metrics = makeMetrics(events, '1.2.3')
  events.emit('outageBegan', { lane: LANE, why: WHY })
  const text = await metrics.getSingleMetricAsString('quarry_outages_total')
  expect(text).toContain(`{lane="${LANE}",region="eu-west-1",model="m:0"} 1`)
})

it('a partition that refuses reports is a warning of its own only while Zeebe is there', () => {
  const messages: unknown[] = []
  const log = pino(
    { base: null, timestamp: false },
    { write: (line: string) => void messages.push(JSON.parse(line).msg) },
  )
  const events = makeEvents()
  logEvents(events, log)
  const refusing = { of: 'reports', status: 'UNAVAILABLE', message: 'm' } as const
  events.emit('partitionAway', { partition: 1, ...refusing })
  events.emit('dependency', { name: 'zeebe', up: false, message: 'm' })
  events.emit('partitionAway', { partition: 2, ...refusing })
  expect(messages).toEqual([
    'Zeebe partition refuses commands, the other partitions continue',
    'dependency is away, trying again',
  ])
})
