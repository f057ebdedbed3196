import { describe, expect, it } from 'vitest'
import { laneOverview } from '../../src/control/lane-overview.ts'
import { laneName } from '../../src/job/lane.ts'
import type { LaneLook } from '../../src/lanes/look-lanes.ts'
import { readRecent } from '../../src/lanes/recent-figures.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'

const MINUTE = 29_000_000
const NOW_MS = MINUTE * 60_000 + 30_000

describe('what a lane did lately', () => {
  it('counts the running minute and the four before it', () => {
    const fields = new Map([
      [`${MINUTE} calls`, '7'],
      [`${MINUTE - 4} calls`, '3'],
      [`${MINUTE - 5} calls`, '100'],
      [`${MINUTE} failed`, '2'],
      [`${MINUTE} of a later version`, '9'],
    ])
    expect(readRecent(fields, NOW_MS)).toMatchObject({
      counts: { calls: 10, failed: 2, jobs: 0 },
      quota: null,
    })
  })

  it.each(['', '{', '5', 'null', '{"requestsPerMinute":5}'])('takes %j for no quota', (text) => {
    expect(readRecent(new Map([['quota', text]]), NOW_MS).quota).toBeNull()
  })

  it.each([
    [3, 6, 'failing'],
    [3, 7, 'running'],
    // Two failures may be those of one instance.
    [2, 2, 'running'],
  ])('%i failures of %i jobs make a lane that is %s', (failed, jobs, state) => {
    const fields = new Map([
      [`${MINUTE} failed`, String(failed)],
      [`${MINUTE} jobs`, String(jobs)],
    ])
    const states = ['waiting', 'active', 'prioritized', 'delayed', 'waiting-children', 'completed', 'failed']
    const look: LaneLook = {
      name: laneName({ account: 'default', region: 'eu-west-1', model: 'm' }),
      ...{ nowMs: NOW_MS, pace: null, coolWhy: '', outage: null, paused: false, concurrency: null, due: 0 },
      overrides: {
        ...{ requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
        ...{ draining: false, atMs: null, by: null },
      },
      recent: readRecent(fields, NOW_MS),
      calls: new Map(),
      jobs: Object.fromEntries(states.map((each) => [each, 0])) as LaneLook['jobs'],
      ended: { completed: 0, failed: 0 },
    }
    expect(laneOverview(look, { ...NO_QUOTA, origin: 'none' }).state).toBe(state)
  })
})
