import { describe, expect, it } from 'vitest'
import { laneFigures } from '../../src/control/lane-figures.ts'
import { laneName } from '../../src/job/lane.ts'
import { NO_QUOTA } from '../../src/pace/lane-quota.ts'
import type { LaneLook } from '../../src/redis/look-lanes.ts'

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
  outage: null,
  wishes: {
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
  laneFigures({ ...LOOK, ...look }, { granted: { ...granted, origin: 'none' }, oldestMs: 0, alive })

describe('a lane in figures', () => {
  it('has the calls of processes that live: those of others ended with them', () => {
    expect(figures()).toMatchObject({ calls: 3, reservedTokens: 300 })
  })

  it('is under the quota that an operator wishes, in place of the granted one', () => {
    const granted = { ...NO_QUOTA, requestsPerMinute: 600, tokensPerMinute: 6_000 }
    const wished = figures({ wishes: { ...LOOK.wishes, requestsPerMinute: 120 } }, granted)
    expect(wished.overview.quota).toMatchObject({ requestsPerMinute: 120, tokensPerMinute: 6_000 })
    expect(figures({}, granted).quotaUsed).toBeCloseTo(0.5)
    expect(wished.quotaUsed).toBeCloseTo(0.5)
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

  it('wants slots for its jobs although it was never used, so that workers come: those of its first pace', () => {
    const fresh = figures({ pace: null, jobs: { ...NO_JOBS, prioritized: 7 }, calls: new Map() })
    expect(fresh).toMatchObject({
      ...{ wantedSlots: 7, quotaUsed: null },
      overview: { pace: { requestsPerMinute: null } },
    })
    const many = { pace: null, jobs: { ...NO_JOBS, prioritized: 2_000 }, calls: new Map() }
    expect(figures(many).wantedSlots).toBe(10)
    expect(figures(many, { ...NO_QUOTA, requestsPerMinute: 1_200 }).wantedSlots).toBe(40)
  })

  it('wants slots for jobs that were put off and are due: no worker may be left that would take them', () => {
    const putOff = { jobs: { ...NO_JOBS, delayed: 5 }, calls: new Map() }
    expect(figures(putOff).wantedSlots).toBe(0)
    expect(figures({ ...putOff, due: 3 }).wantedSlots).toBe(3)
  })

  it('of a quota of few tokens wants no more slots than they fill', () => {
    // 1,000 tokens a minute at 50 a request: 20 requests a minute, of ten seconds each.
    expect(figures({}, { ...NO_QUOTA, tokensPerMinute: 1_000 }).wantedSlots).toBe(4)
  })
})
