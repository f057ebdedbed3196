import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeLaneRoom } from '../../src/enqueue/lane-room.ts'
import type { Halt } from '../../src/enqueue/lane-share.ts'
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { memory } from './away-memory.ts'

const SLOW = 'default@eu-west-1@slow' as LaneName
const OTHER = 'default@eu-west-1@other' as LaneName

interface Lane {
  depth: number
  answered: number
  halt: Halt | null
}

const TENANT = 'one'
const asking = (keys: readonly JobKey[]) => keys.map((key) => ({ key, tenantId: TENANT }))

/** A backlog of 140 jobs, of which a lane may hold 100. */
function room() {
  const lanes = new Map<LaneName, Lane>()
  const of = (lane: LaneName) => lanes.get(lane) ?? { depth: 0, answered: 0, halt: null }
  const clock = { now: 0 }
  const events = makeEvents()
  const told: (QuarryEvents['laneStuck'][0] | QuarryEvents['laneUnstuck'][0])[] = []
  events.on('laneStuck', (event) => told.push(event))
  events.on('laneUnstuck', (event) => told.push(event))
  const made = makeLaneRoom({
    look: async (lane) => ({ ...of(lane), delayed: 0, active: 1 }),
    async free() {
      const held = [...lanes.values()].reduce((sum, { depth }) => sum + depth, 0)
      return { all: 140 - held, shared: 140 - held }
    },
    away: memory(),
    heldBy: async () => [],
    tenantShare: null,
    ...{ maxBacklog: 140, share: 100, events, random: () => 1, now: () => clock.now },
  })
  let last = 0
  return {
    ...made,
    clock,
    told,
    set: (lane: LaneName, now: Partial<Lane>) => lanes.set(lane, { ...of(lane), ...now }),
    /** New jobs come, and those that find no room go away. @returns how many are taken */
    async come(lane: LaneName, count: number) {
      const keys = Array.from({ length: count }, () => jobKey(String(++last)))
      const { left } = await made.take(lane, asking(keys))
      const times = made.timesAway(lane, left)
      await made.wentAway(
        { lane, of: '' },
        left.map((job, index) => ({ ...job, awayMs: times[index] ?? 0 })),
      )
      return count - left.length
    },
  }
}

describe('a lane below its share', () => {
  it('takes all its jobs', async () => {
    const { come, fits } = room()
    expect(await fits(0)).toBe(100)
    expect(await come(SLOW, 99)).toBe(99)
  })

  it('gets no more jobs than fit, and leaves room for other adapters', async () => {
    const { come, fits, set, clock } = room()
    await come(SLOW, 60)
    set(SLOW, { depth: 60 })
    clock.now = 300
    expect(await fits(0)).toBe(20)
    expect(await fits(70)).toBe(10)
    expect(await fits(80)).toBe(0)
  })
})

describe('a lane that moves and has its share', () => {
  it('pauses activation, and takes the jobs on their way', async () => {
    const { come, fits, set } = room()
    set(SLOW, { depth: 100 })
    expect(await come(SLOW, 5)).toBe(5)
    expect(await fits(0)).toBe(0)
    // Half of what was free.
    expect(await come(SLOW, 40)).toBe(15)
  })

  it('is noticed at once when this adapter filled it', async () => {
    const { come, fits, clock, set } = room()
    await come(SLOW, 100)
    set(SLOW, { depth: 100 })
    clock.now = 300
    expect(await fits(0)).toBe(0)
  })
})

describe('a lane that is stuck', () => {
  it('takes no more, and leaves activation to other lanes', async () => {
    const { come, fits, set } = room()
    set(SLOW, { depth: 100, halt: 'paused' })
    expect(await come(SLOW, 7)).toBe(0)
    expect(await fits(0)).toBe(29)
    expect(await come(OTHER, 7)).toBe(7)
  })

  it('is reported once, and its end once', async () => {
    const { come, recall, set, clock, told, take } = room()
    set(SLOW, { depth: 100, halt: 'paused' })
    await come(SLOW, 1)
    await come(SLOW, 1)
    expect(told).toEqual([{ lane: SLOW, why: 'paused', held: 100, awaySeconds: 20 }])
    set(SLOW, { depth: 0, halt: null })
    clock.now = 2_000
    expect(await recall()).toHaveLength(2)
    await take(SLOW, asking([jobKey('1'), jobKey('2')]))
    clock.now = 12_000
    await recall()
    expect(told.slice(1)).toEqual([{ lane: SLOW, lastedMs: 12_000 }])
  })

  it('gets its jobs back when it has room again, the oldest first, and new ones only behind them', async () => {
    const { come, recall, set, clock, take } = room()
    set(SLOW, { depth: 100, halt: 'paused' })
    await come(SLOW, 30)
    set(SLOW, { depth: 90, halt: null })
    clock.now = 5_000
    expect(await come(SLOW, 1)).toBe(0)
    const back = (await recall()).map(({ key }) => key)
    expect(back).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
    expect((await take(SLOW, asking(back))).left).toEqual([])
  })

  it('does not wait for called-back jobs when it is about to run dry', async () => {
    const { come, set, clock } = room()
    set(SLOW, { depth: 100, halt: 'paused' })
    await come(SLOW, 120)
    set(SLOW, { depth: 12, halt: null })
    clock.now = 5_000
    expect(await come(SLOW, 1)).toBe(1)
  })
})

describe('a lane that drains', () => {
  it('takes no jobs after the next look until it stops draining, and blocks no other lane', async () => {
    const { come, why, fits, recall, clock, set } = room()
    expect(await come(SLOW, 5)).toBe(5)
    set(SLOW, { depth: 99, halt: 'draining' })
    clock.now = 251
    expect(await come(SLOW, 5)).toBe(0)
    expect(why(SLOW)).toBe('laneDraining')
    expect(await fits(0)).toBe(30)
    clock.now = 2_000
    expect(await recall()).toEqual([])
    set(SLOW, { depth: 0, halt: null })
    clock.now = 3_000
    expect(await recall()).toHaveLength(5)
    expect(why(SLOW)).toBe('laneFull')
  })
})

/** Events of a lane by name, some with a number. */
const happenings = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('start' as const), count: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ what: fc.constant('work' as const), count: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      what: fc.constantFrom('poll' as const, 'pause' as const, 'drain' as const, 'resume' as const),
      count: fc.constant(0),
    }),
  ),
  { maxLength: 60 },
)
const HALTS = { pause: 'paused', drain: 'draining', resume: null } as const

/** Zeebe, one adapter, and a lane of workers. */
function world() {
  const lane = room()
  const waiting = new Set<JobKey>()
  const away = new Map<JobKey, number>()
  const taken: number[] = []
  let started = 0
  let now: Lane = { depth: 0, answered: 0, halt: null }
  const set = (change: Partial<Lane>) => {
    now = { ...now, ...change }
    lane.set(SLOW, now)
  }
  const self = {
    taken,
    started: () => started,
    open: () => waiting.size + away.size,
    start(count: number) {
      for (let index = 0; index < count; index += 1) waiting.add(jobKey(String(++started)))
    },
    work: (count: number) =>
      set({ depth: Math.max(0, now.depth - count), answered: now.answered + Math.min(count, now.depth) }),
    halt: (halt: Halt | null) => set({ halt }),
    async poll() {
      lane.clock.now += 1_500
      for (const { key } of await lane.recall()) away.set(key, lane.clock.now)
      for (const [key, dueMs] of away) if (dueMs <= lane.clock.now && away.delete(key)) waiting.add(key)
      const oldestFirst = [...waiting].sort((one, other) => Number(one) - Number(other))
      const polled = oldestFirst.slice(0, await lane.fits(0))
      for (const key of polled) waiting.delete(key)
      const { left } = await lane.take(SLOW, asking(polled))
      const times = lane.timesAway(SLOW, left)
      const leaving = left.map((job, index) => ({ ...job, awayMs: times[index] ?? 0 }))
      await lane.wentAway({ lane: SLOW, of: '' }, leaving)
      for (const { key, awayMs } of leaving) away.set(key, lane.clock.now + awayMs)
      const refused = new Set(left.map(({ key }) => key))
      const queued = polled.filter((key) => !refused.has(key))
      taken.push(...queued.map(Number))
      set({ depth: now.depth + queued.length })
    },
  }
  return self
}

it('each job enters its lane once, and at most a lane’s capacity of later jobs enters before it', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (all) => {
      const { start, work, halt, poll, taken, started, open } = world()
      for (const { what, count } of all) {
        if (what === 'start') start(count)
        else if (what === 'work') work(count)
        else if (what !== 'poll') halt(HALTS[what])
        await poll()
      }
      halt(null)
      for (let round = 0; open() > 0 && round < 1_000; round += 1) {
        work(30)
        await poll()
      }
      expect(taken.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: started() }, (_, index) => index + 1),
      )
      const overtakenBy = (index: number) =>
        taken.slice(0, index).filter((other) => other > (taken[index] ?? 0)).length
      expect(Math.max(0, ...taken.map((_, index) => overtakenBy(index)))).toBeLessThanOrEqual(140)
    }),
    { numRuns: 50 },
  )
})
