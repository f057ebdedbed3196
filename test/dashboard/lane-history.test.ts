import { describe, expect, it } from 'vitest'
import type { LaneOverview } from '../../src/control/lane-overview.ts'
import { makeLaneHistory } from '../../src/dashboard/lane-history.ts'
import { laneLine } from '../../src/dashboard/lane-line.ts'
import type { LaneName } from '../../src/job/ids.ts'

function lane(name: string, throttles = 0, waiting = 1): LaneOverview {
  return {
    name: name as LaneName,
    ...{ account: 'default', accountName: 'default', region: 'r', model: name },
    ...{ waiting, delayed: 2, active: 3, state: 'running' },
    ...{ backlogMs: 5_000, outage: null },
    recent: {
      ...{ jobs: 0, failed: 0, incidents: 0, callsPerMinute: 0 },
      ...{ throttledPerMinute: 0, meanMs: null, tokensPerMinute: 0, usdPerHour: 0 },
    },
    pace: { requestsPerMinute: 59.44, throttles, cooldownMs: 0, cooldownWhy: null, concurrency: null },
    quota: {
      ...{ requestsPerMinute: 60, tokensPerMinute: null, concurrency: null, burstSeconds: 1 },
      origin: 'file',
    },
    overrides: {
      ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: 4 },
      ...{ draining: false, atMs: 5, by: 'ann@desk' },
    },
  }
}

describe('the history of lanes', () => {
  it('has one value a sample for each lane, none while the lane did not exist', () => {
    const history = makeLaneHistory()
    history.add([lane('a', 5)], 0)
    history.add([lane('a', 7, 4), lane('b')], 5_000)
    history.add([lane('b')], 10_000)
    expect(history.read()).toEqual({
      everyMs: 5_000,
      atMs: 10_000,
      lanes: {
        a: { waiting: [3, 6, null], pace: [59.4, 59.4, null], throttles: [0, 2, null] },
        b: { waiting: [null, 3, 3], pace: [null, 59.4, 59.4], throttles: [null, 0, 0] },
      },
    })
  })

  it('keeps a quarter of an hour', () => {
    const history = makeLaneHistory()
    for (let sample = 0; sample < 200; sample += 1) history.add([lane('a')], sample * 5_000)
    expect(history.read().lanes['a']?.waiting).toHaveLength(180)
  })

  it('has the throttle count of a minute ago, or of the lane’s first sample', () => {
    const history = makeLaneHistory()
    const a = 'a' as LaneName
    expect(history.throttlesBefore(a, 0)).toBeNull()
    history.add([lane('a', 3)], 0)
    history.add([lane('a', 9)], 30_000)
    expect(history.throttlesBefore(a, 40_000)).toBe(3)
    expect(history.throttlesBefore(a, 90_000)).toBe(9)
  })
})

describe('a lane as the dashboard shows it', () => {
  const shown = (overview: LaneOverview, throttlesBefore: number | null) =>
    laneLine({ overview, oldestMs: 10, quotaUsed: 0.5, workers: [] }, throttlesBefore)

  it('shows throttles of the last minute, and starts again when the counter in Redis does', () => {
    expect(shown(lane('a', 9), 4).throttledLately).toBe(5)
    expect(shown(lane('a', 9), null).throttledLately).toBe(0)
    expect(shown(lane('a', 2), 9).throttledLately).toBe(0)
  })

  it('shows who changed it, and which figures they set', () => {
    const line = shown(lane('a'), 0)
    expect(line).toMatchObject({ changed: { by: 'ann@desk', atMs: 5 }, overridden: ['concurrency'] })
    expect(line).toMatchObject({ oldestWaitMs: 10, usedRatio: 0.5 })
    expect(line).not.toHaveProperty('overrides')
  })
})
