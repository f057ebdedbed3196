// Lanes that do not move leave the others room, however many they are, and however and in which order they got stuck.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Excess, makeLaneRoom } from '../../src/enqueue/lane-room.ts'
import type { Halt } from '../../src/enqueue/lane-share.ts'
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import { DELAYED } from '../../src/lanes/away/away-store.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { memory } from './away-memory.ts'

const BACKLOG = 2_000
const lane = (name: string | number) => `default@eu-west-1@${name}` as LaneName
const FREE = lane('free')

/** Reasons why the jobs of a lane do not move: it is paused, in an outage, has no worker, or each job is delayed. */
const WAYS = ['paused', 'outage', 'unserved', 'delayed'] as const
type Way = (typeof WAYS)[number]

interface Lane {
  readonly way: Way | 'moves'
  /** Jobs by tenant, the oldest first. */
  readonly held: Map<string, JobKey[]>
  answered: number
}

/** One adapter, with lanes that hold what it lets in. Jobs that went back only come again when they are called. */
function world(tenants: 'one' | 'several' = 'one', away: 'ends' | 'comes again' = 'ends') {
  const lanes = new Map<LaneName, Lane>()
  const clock = { now: 0 }
  let last = 0
  let moves = 0
  const depth = ({ held }: Lane) => [...held.values()].reduce((sum, jobs) => sum + jobs.length, 0)
  const free = () => BACKLOG - [...lanes.values()].reduce((sum, each) => sum + depth(each), 0)
  const room = makeLaneRoom({
    async look(name) {
      const at = lanes.get(name)
      if (at === undefined) return { depth: 0, delayed: 0, active: 0, answered: 0, halt: null }
      const halt: Halt | null = at.way === 'paused' || at.way === 'outage' ? at.way : null
      const all = { depth: depth(at), delayed: at.way === 'delayed' ? depth(at) : 0, answered: at.answered }
      return { ...all, active: at.way === 'moves' ? 1 : 0, halt }
    },
    free: async () => ({ all: free(), shared: free() }),
    heldBy: async () =>
      [...lanes].flatMap(([name, { held }]) =>
        [...held].map(([tenantId, jobs]) => ({ tenantId, lane: name, jobs: jobs.length })),
      ),
    away: memory(),
    ...{ maxBacklog: BACKLOG, share: BACKLOG / 2, tenantShare: tenants === 'one' ? null : 0.5 },
    ...{ events: makeEvents(), random: () => 1, now: () => clock.now },
  })
  /** Jobs of a lane ask for room. @returns how many were taken */
  const ask = async (name: LaneName, keys: readonly JobKey[], tenantId: string): Promise<number> => {
    const { left, taken } = await room.take(
      name,
      keys.map((key) => ({ key, tenantId })),
    )
    const times = room.timesAway(name, left)
    for (const [index, { group, key, order, sinceMs }] of (away === 'ends' ? [] : left).entries())
      await room.wentAway(group, [{ key, order, sinceMs, awayMs: times[index] ?? 0 }])
    const has = lanes.get(name)?.held ?? new Map<string, JobKey[]>()
    has.set(tenantId, [...(has.get(tenantId) ?? []), ...taken.map(({ key }) => key)])
    return taken.length
  }
  const giveBack = async (name: LaneName, of: Excess['of'], tenantId: string, keys: readonly JobKey[]) => {
    if (away === 'ends') return
    const group = room.groupOf(name, of, tenantId)
    const leaving = keys.map((key) => ({ key, order: Number(key), sinceMs: 0, awayMs: 0 }))
    await room.wentAway(group, leaving)
  }
  const self = {
    free,
    /** All jobs that were given back, or called back, so far. */
    moves: () => moves,
    held: (name: LaneName) => depth(lanes.get(name) ?? { way: 'moves', held: new Map(), answered: 0 }),
    /** A second passes: lanes give back their excess, and called-back jobs come. */
    async second() {
      clock.now += 1_000
      for (const { lane: name, jobs, of } of await room.excess()) {
        const at = lanes.get(name)
        if (at === undefined) continue
        let left = Math.min(jobs, 200)
        for (const [tenantId, has] of at.held) {
          if (typeof of !== 'string' && of.tenantId !== tenantId) continue
          const given = left === 0 ? [] : has.splice(-left)
          left -= given.length
          moves += given.length
          await giveBack(name, of, tenantId, given)
        }
      }
      const called = await room.recall()
      moves += called.length
      for (const [name, ofLane] of Map.groupBy(called, ({ group }) => group.lane))
        for (const { group, key } of ofLane)
          await ask(name, [key], group.of === '' || group.of === DELAYED ? 'one' : group.of)
    },
    /** Jobs come, as polls bring them. @returns how many were taken */
    async come(name: LaneName, count: number, { way = 'moves', tenantId = 'one' }: Partial<Comer> = {}) {
      if (!lanes.has(name)) lanes.set(name, { way, held: new Map(), answered: 0 })
      const asked = Math.min(count, Math.max(0, await room.fits(0)), 100)
      const keys = Array.from({ length: asked }, () => jobKey(String(++last)))
      return ask(name, keys, tenantId)
    },
    /** This many jobs of a lane are answered. */
    work(name: LaneName, count: number) {
      const at = lanes.get(name)
      if (at === undefined) return
      let left = count
      for (const [tenantId, has] of at.held) {
        const done = Math.min(left, has.length)
        at.held.set(tenantId, has.slice(done))
        at.answered += done
        left -= done
      }
    },
  }
  return self
}

interface Comer {
  readonly way: Way | 'moves'
  readonly tenantId: string
}

/** Thousands of jobs of a stuck lane come, until no more of them are taken. */
async function fill(at: ReturnType<typeof world>, name: LaneName, comer: Partial<Comer>): Promise<void> {
  for (let second = 0, idle = 0; second < 200 && idle < 15; second += 1) {
    const taken = await at.come(name, 100, comer)
    idle = taken === 0 ? idle + 1 : 0
    await at.second()
  }
}

describe('lanes that do not move', () => {
  it('leave the others their share, whatever their number, their order and the reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...WAYS), { minLength: 1, maxLength: 50 }), async (ways) => {
        const at = world()
        // One after the other: the first lane finds everything free.
        for (const [index, way] of ways.entries()) await fill(at, lane(index), { way })
        for (let second = 0; second < 60; second += 1) await at.second()
        const fair = BACKLOG / (ways.length + 1)
        expect(at.free()).toBeGreaterThanOrEqual(0.8 * fair - 12)
        // A lane that moves gets its 50 jobs through within seconds.
        let done = 0
        for (let second = 0; second < 10 && done < 50; second += 1) {
          done += await at.come(FREE, 50 - done)
          at.work(FREE, 50)
          await at.second()
        }
        expect(done).toBe(50)
      }),
      { numRuns: 15, examples: [[Array.from({ length: 50 }, (_, index) => WAYS[index % 4] ?? 'paused')]] },
    )
  }, 60_000)

  it('keep some jobs, so that they can resume at once', async () => {
    const at = world()
    for (let index = 0; index < 10; index += 1) await fill(at, lane(index), { way: 'paused' })
    for (let index = 0; index < 10; index += 1)
      expect(at.held(lane(index))).toBeGreaterThanOrEqual(0.5 * (BACKLOG / 11))
  })

  it('settle: no lane takes jobs only to give them back again', async () => {
    const at = world('one', 'comes again')
    for (let index = 0; index < 10; index += 1)
      await fill(at, lane(index), { way: WAYS[index % 3] ?? 'paused' })
    for (let second = 0; second < 10; second += 1) await at.second()
    const before = at.moves()
    for (let second = 0; second < 60; second += 1) await at.second()
    expect(at.moves() - before).toBeLessThan(100)
  })

  it('give nothing back while there is room', async () => {
    const at = world()
    await fill(at, lane(1), { way: 'paused' })
    expect(at.held(lane(1))).toBe(BACKLOG / 2)
  })
})

describe('delayed jobs, in a lane that others use', () => {
  it('leave room for the lane’s other jobs', async () => {
    const at = world()
    const shared = lane('shared')
    await fill(at, shared, { way: 'delayed' })
    expect(at.free()).toBeGreaterThanOrEqual(BACKLOG / 3 - 100)
    expect(await at.come(shared, 50)).toBe(50)
  })
})

describe('delayed jobs that were returned to Zeebe', () => {
  it('are called back as soon as the jobs ahead of them go on, as when a budget is free again', async () => {
    const at = world('one', 'comes again')
    for (let second = 0; second < 20; second += 1) {
      for (const index of [0, 1]) await at.come(lane(index), 100, { way: 'delayed' })
      await at.second()
    }
    const before = at.moves()
    at.work(lane(0), BACKLOG)
    for (let second = 0; second < 3; second += 1) await at.second()
    expect(at.moves()).toBeGreaterThan(before)
    expect(at.held(lane(0))).toBeGreaterThan(0)
  })
})

describe('a tenant', () => {
  it('leaves other tenants room in all lanes together and in each, however many it fills', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.constantFrom(...WAYS), async (lanes, way) => {
        const at = world('several')
        for (let index = 0; index < lanes; index += 1)
          await fill(at, lane(index), { way, tenantId: 'greedy' })
        for (let second = 0; second < 60; second += 1) await at.second()
        expect(at.free()).toBeGreaterThanOrEqual(0.4 * BACKLOG)
        expect(await at.come(lane(0), 10, { tenantId: 'other' })).toBe(10)
        expect(await at.come(FREE, 50, { tenantId: 'other' })).toBe(50)
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  it('has room for jobs in a moving lane, while its other lanes stand still', async () => {
    const at = world('several')
    for (let index = 0; index < 10; index += 1)
      await fill(at, lane(index), { way: 'paused', tenantId: 'greedy' })
    expect(await at.come(FREE, 20, { tenantId: 'greedy' })).toBe(20)
  })
})
