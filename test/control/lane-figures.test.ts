import { describe, expect, it } from 'vitest'
import { laneFigures } from '../../src/control/lane-figures.ts'
import { laneName } from '../../src/job/lane.ts'
import type { LaneLook } from '../../src/lanes/look-lanes.ts'
import { FIRST_PACE } from '../../src/lanes/pace/pace-constants.ts'
import { UNKNOWN_CALL_SECONDS } from '../../src/lanes/pace/wanted-slots.ts'
import { readRecent } from '../../src/lanes/recent-figures.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'

const NO_JOBS = {
  waiting: 0,
  active: 0,
  prioritized: 0,
  delayed: 0,
  'waiting-children': 0,
  completed: 0,
  failed: 0,
}
const LOOK: LaneLook = {
  name: laneName({ account: 'default', region: 'eu-west-1', model: 'm:0' }),
  nowMs: 100_000,
  pace: {
    at: 100_000,
    pace: 2,
    coolUntil: 0,
    tokenShare: 1,
    requestsUsed: 1,
    tokensUsed: 50,
    callSeconds: 10,
    throttles: 0,
  },
  coolWhy: '',
  outage: null,
  recent: readRecent(new Map(), 0),
  overrides: {
    requestsPerMinute: null,
    tokensPerMinute: null,
    concurrency: null,
    draining: false,
    atMs: null,
    by: null,
  },
  calls: new Map([
    ['one', { calls: 3, tokens: 300 }],
    ['dead', { calls: 4, tokens: 400 }],
  ]),
  paused: false,
  concurrency: null,
  jobs: { ...NO_JOBS, prioritized: 100, active: 3 },
  due: 0,
  ended: { completed: 0, failed: 0 },
}
const alive = new Set(['one', 'two'])
const figures = (look: Partial<LaneLook> = {}, granted = NO_QUOTA) =>
  laneFigures({ ...LOOK, ...look }, { granted: { ...granted, origin: 'none' }, oldestMs: 0, away: 0, alive })

describe('a lane in figures', () => {
  it('counts the calls of live processes only: those of dead ones ended with them', () => {
    expect(figures()).toMatchObject({ calls: 3, reservedTokens: 300 })
  })

  it('shows the quota that an operator set in place of the granted one', () => {
    const granted = { ...NO_QUOTA, requestsPerMinute: 600, tokensPerMinute: 6_000 }
    const overridden = figures({ overrides: { ...LOOK.overrides, requestsPerMinute: 120 } }, granted)
    expect(overridden.overview.quota).toMatchObject({ requestsPerMinute: 120, tokensPerMinute: 6_000 })
    expect(figures({}, granted).quotaUsed).toBeCloseTo(0.5)
    expect(overridden.quotaUsed).toBeCloseTo(0.5)
    expect(figures({}, { ...granted, requestsPerMinute: 60 }).quotaUsed).toBe(1)
  })

  it('wants slots by its pace and the length of its calls; none while it is paused or cools down for long', () => {
    expect(figures().wantedSlots).toBe(20)
    expect(figures({ paused: true })).toMatchObject({ wantedSlots: 0, overview: { state: 'paused' } })
    const cooling = (coolMs: number) => ({
      pace: { ...(LOOK.pace as NonNullable<LaneLook['pace']>), coolUntil: LOOK.nowMs + coolMs },
    })
    expect(figures(cooling(2_000))).toMatchObject({
      wantedSlots: 20,
      overview: { pace: { cooldownMs: 2_000 } },
    })
    expect(figures(cooling(60_000))).toMatchObject({
      wantedSlots: 0,
      overview: { pace: { cooldownMs: 60_000 } },
    })
  })

  it('estimates how long its backlog takes: its cooldown, then its jobs at the current pace', () => {
    const backlog = (look: Partial<LaneLook>, granted = NO_QUOTA) => figures(look, granted).overview.backlogMs
    const jobs = { ...NO_JOBS, waiting: 1, prioritized: 100, delayed: 19, active: 5 }
    expect(backlog({ jobs })).toBe(60_000)
    const pace = { ...(LOOK.pace as NonNullable<LaneLook['pace']>), coolUntil: LOOK.nowMs + 30_000 }
    expect(backlog({ jobs, pace })).toBe(90_000)
    // Five calls of ten seconds at a time are one in two seconds. Tokens are kept to 99 % of their quota.
    expect(backlog({ jobs, concurrency: 5 })).toBe(240_000)
    expect(backlog({ jobs }, { ...NO_QUOTA, tokensPerMinute: 500 })).toBe(Math.round(720_000 / 0.99))
    expect(backlog({ jobs: { ...NO_JOBS, active: 5 }, pace: null })).toBe(0)
  })

  it.each([
    ['paused', { paused: true }],
    ['in an outage', { outage: { sinceMs: 1, why: 'why' } }],
    ['that was never used', { pace: null }],
    ['that may send nothing', { pace: { ...(LOOK.pace as NonNullable<LaneLook['pace']>), pace: 0 } }],
  ])('gives no estimate for the backlog of a lane %s', (_, look) => {
    expect(figures({ ...look, jobs: { ...NO_JOBS, waiting: 1 } }).overview.backlogMs).toBeNull()
  })

  it('is in an outage until a call succeeds; "paused" is shown before it, "draining" after it', () => {
    const outage = { sinceMs: LOOK.nowMs - 90_000, why: 'No connection.' }
    const draining = { overrides: { ...LOOK.overrides, draining: true } }
    expect(figures({ outage }).overview).toMatchObject({
      state: 'outage',
      outage: { lastedMs: 90_000, why: 'No connection.' },
    })
    expect(figures({ outage, ...draining }).overview.state).toBe('outage')
    expect(figures({ outage, ...draining, paused: true }).overview.state).toBe('paused')
    expect(figures(draining).overview).toMatchObject({ state: 'draining', outage: null })
  })

  it('wants one slot in an outage, for the trial call; none without jobs', () => {
    const outage = { sinceMs: 1, why: 'why' }
    const jobs = { ...NO_JOBS, prioritized: 500 }
    expect(figures({ outage, jobs, calls: new Map() }).wantedSlots).toBe(1)
    expect(figures({ outage, jobs: NO_JOBS, calls: new Map() }).wantedSlots).toBe(0)
    expect(figures({ outage, jobs, paused: true }).wantedSlots).toBe(0)
  })

  it('wants the slots of its first pace before its first call, so that workers are started for it', () => {
    const fresh = figures({ pace: null, jobs: { ...NO_JOBS, prioritized: 7 }, calls: new Map() })
    expect(fresh).toMatchObject({
      ...{ wantedSlots: 7, quotaUsed: null },
      overview: { pace: { requestsPerMinute: null } },
    })
    const many = { pace: null, jobs: { ...NO_JOBS, prioritized: 2_000 }, calls: new Map() }
    expect(figures(many).wantedSlots).toBe(FIRST_PACE * UNKNOWN_CALL_SECONDS)
    expect(figures(many, { ...NO_QUOTA, requestsPerMinute: 1_200 }).wantedSlots).toBe(40)
  })

  it('wants slots for delayed jobs that are due: no worker may be left that would take them', () => {
    const delayed = { jobs: { ...NO_JOBS, delayed: 5 }, calls: new Map() }
    expect(figures(delayed).wantedSlots).toBe(0)
    expect(figures({ ...delayed, due: 3 }).wantedSlots).toBe(3)
  })

  it('with a small token quota wants no more slots than the tokens can use', () => {
    // 1,000 tokens a minute at 50 a request: 20 requests a minute, of ten seconds each.
    expect(figures({}, { ...NO_QUOTA, tokensPerMinute: 1_000 }).wantedSlots).toBe(4)
  })
})
