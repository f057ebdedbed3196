// Counts the demo's jobs and calls, from the events that metrics are made of.
import type { LaneName } from '../../job/ids.ts'
import { parseLaneName } from '../../job/lane.ts'
import type { Events } from '../../telemetry/events.ts'

/** Figures of one lane. */
export interface LaneTally {
  readonly region: string
  readonly model: string
  accepted: number
  answered: number
  failed: number
  calls: number
  throttled: number
  retried: number
  inFlight: number
}

export interface Tally {
  readonly lanes: ReadonlyMap<LaneName, LaneTally>
  total(field: 'calls' | 'throttled' | 'retried' | 'failed'): number
}

/** Counts events from now on. */
export function makeTally(events: Events): Tally {
  const lanes = new Map<LaneName, LaneTally>()
  const lane = (name: LaneName): LaneTally => {
    const known = lanes.get(name)
    if (known !== undefined) return known
    const { region, model } = parseLaneName(name)
    const tally = {
      region,
      model,
      accepted: 0,
      answered: 0,
      failed: 0,
      calls: 0,
      throttled: 0,
      retried: 0,
      inFlight: 0,
    }
    lanes.set(name, tally)
    return tally
  }
  events.on('accepted', (data) => {
    if (data.acceptance === 'new') lane(data.lane).accepted += 1
  })
  events.on('calling', (data) => {
    lane(data.lane).inFlight += 1
  })
  events.on('called', (data) => {
    const tally = lane(data.lane)
    tally.calls += 1
    tally.inFlight -= 1
    if (data.end === 'throttle') tally.throttled += 1
  })
  events.on('deferred', (data) => {
    lane(data.lane).retried += 1
  })
  events.on('answered', (data) => {
    const tally = lane(data.lane)
    tally.answered += 1
    if (data.outcome === 'failed') tally.failed += 1
  })
  return {
    lanes,
    total: (field) => [...lanes.values()].reduce((sum, tally) => sum + tally[field], 0),
  }
}
