import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIRST_TAG, TURN, turnCost } from '../../../src/lanes/order/fair-order.ts'
import { type LaneModel, type LaneStep, laneSteps, makeLaneModel } from './lane-model.ts'
import { NOTHING_PLACED, type Placed, placeJobs } from './model/fair-order.ts'

function play(lane: LaneModel, steps: readonly LaneStep[], taken: (job: Placed) => void): void {
  for (const step of steps) {
    if (step.do === 'add') lane.add(step.turns)
    else if (step.do === 'remove') lane.remove(step.pick)
    else {
      const job = lane.take()
      if (job !== undefined) taken(job)
    }
  }
}

const turn = (flow: string, weight = 1, tenant = 't') => ({
  ...{ tenant, flow: flow.startsWith(`${tenant} `) ? flow : `${tenant} ${flow}` },
  ...{ cost: turnCost(weight), tenantCost: turnCost(1) },
})
const many = (count: number, flow: string, weight = 1) =>
  Array.from({ length: count }, () => turn(flow, weight))
const takeAll = (lane: LaneModel, count: number) =>
  Array.from({ length: count }, () => lane.take()?.flow ?? '')
const countOf = (flows: readonly string[], flow: string) =>
  flows.filter((each) => each === `t ${flow}`).length

describe('the cost of a turn', () => {
  it.each([
    [1, TURN],
    [0.25, 4 * TURN],
    [16, TURN / 16],
    [1e9, 1],
    [1e-9, 1_000 * TURN],
  ])('at weight %d is %d', (weight, cost) => {
    expect(turnCost(weight)).toBe(cost)
  })
})

describe('waiting flows', () => {
  it('share by weight, 3 to 1, in any interval, within one job of each', () => {
    const lane = makeLaneModel()
    lane.add([...many(100, 'light'), ...many(300, 'heavy', 3)])
    const taken = takeAll(lane, 400)
    for (let from = 0; from < 300; from += 1) {
      const stretch = taken.slice(from, from + 40)
      expect(Math.abs(countOf(stretch, 'heavy') - 30)).toBeLessThanOrEqual(1)
    }
  })

  it('differ in costs by at most one job of each, for any sequence of jobs', () => {
    fc.assert(
      fc.property(laneSteps(200, { removals: false }), (steps) => {
        const lane = makeLaneModel()
        // What each flow got since both last began to wait.
        const got = new Map<string, { one: number; other: number }>()
        const cost = new Map<string, number>()
        play(lane, steps, (job) => {
          cost.set(job.flow, job.cost)
          const waits = new Set([job.flow, ...lane.waiting().map(({ flow }) => flow)])
          for (const one of waits) for (const other of waits) if (one < other) count(one, other, job)
          for (const pair of got.keys())
            if (!pair.split('|').every((flow) => waits.has(flow))) got.delete(pair)
          // A flow whose last job this was waits no more.
          if (!lane.waiting().some(({ flow }) => flow === job.flow))
            for (const pair of got.keys()) if (pair.split('|').includes(job.flow)) got.delete(pair)
          for (const [pair, { one, other }] of got) {
            const [oneCost = 0, otherCost = 0] = pair.split('|').map((flow) => costOf(flow))
            expect(Math.abs(one - other)).toBeLessThanOrEqual(oneCost + otherCost)
          }
        })
        function costOf(flow: string): number {
          return cost.get(flow) ?? lane.waiting().find((each) => each.flow === flow)?.cost ?? 0
        }
        function count(one: string, other: string, job: Placed): void {
          const pair = `${one}|${other}`
          const now = got.get(pair) ?? { one: 0, other: 0 }
          got.set(pair, {
            one: now.one + (job.flow === one ? job.cost : 0),
            other: now.other + (job.flow === other ? job.cost : 0),
          })
        }
      }),
    )
  })

  it('keep the order of their own jobs', () => {
    fc.assert(
      fc.property(laneSteps(200, { removals: false }), (steps) => {
        const last = new Map<string, string>()
        play(makeLaneModel(), steps, ({ flow, id }) => {
          expect(id > (last.get(flow) ?? '')).toBe(true)
          last.set(flow, id)
        })
      }),
    )
  })
})

describe('a job', () => {
  it('waits for no more jobs of another flow than the weights allow, whatever comes after it', () => {
    fc.assert(
      fc.property(
        laneSteps(100, { removals: false }),
        laneSteps(200, { removals: false }),
        (before, after) => {
          const lane = makeLaneModel()
          play(lane, before, () => undefined)
          const [mine] = lane.add([turn('process-2 x1', 1, 't0')])
          if (mine === undefined) throw new Error('not placed')
          const ofMine = lane.waiting().filter(({ flow }) => flow === mine.flow).length
          const passed = new Map<string, { jobs: number; cost: number }>()
          let done = false
          play(lane, after, ({ id, flow, cost }) => {
            done ||= id === mine.id
            if (!done && flow !== mine.flow)
              passed.set(flow, { jobs: (passed.get(flow)?.jobs ?? 0) + 1, cost })
          })
          for (const { jobs, cost } of passed.values())
            expect(jobs).toBeLessThanOrEqual((ofMine * mine.cost) / cost + 1)
        },
      ),
    )
  })

  it('of a flow that had nothing waiting comes after at most one job of each other flow', () => {
    const lane = makeLaneModel()
    lane.add([...many(200, 'crowd'), ...many(200, 'other')])
    takeAll(lane, 55)
    lane.add([turn('urgent', 16)])
    expect(takeAll(lane, 3)).toContain('t urgent')
  })

  it('of low priority has its turn while urgent ones keep coming', () => {
    const lane = makeLaneModel()
    lane.add([...many(10, 'low', 0.25), ...many(100, 'urgent', 16)])
    const taken: string[] = []
    for (let round = 0; round < 200; round += 1) {
      taken.push(lane.take()?.flow ?? '')
      lane.add([turn('urgent', 16)])
    }
    // 64 to 1: the first at once, then after 64, 128, 192 urgent ones.
    expect(countOf(taken, 'low')).toBe(4)
  })
})

describe('a flow', () => {
  it('gains no credit while it has nothing waiting', () => {
    const lane = makeLaneModel()
    lane.add([...many(200, 'busy'), turn('idle')])
    takeAll(lane, 101)
    lane.add(many(50, 'idle'))
    const taken = takeAll(lane, 40)
    expect(Math.abs(countOf(taken, 'idle') - 20)).toBeLessThanOrEqual(1)
  })

  it('is not charged for removed jobs', () => {
    const lane = makeLaneModel()
    lane.add([...many(500, 'cancelled'), ...many(100, 'other')])
    while (lane.waiting().some(({ flow }) => flow === 't cancelled'))
      lane.remove(lane.waiting().findIndex(({ flow }) => flow === 't cancelled'))
    lane.add(many(10, 'cancelled'))
    expect(countOf(takeAll(lane, 20), 'cancelled')).toBeGreaterThanOrEqual(9)
  })

  it('is forgotten when nothing waits', () => {
    const before = {
      tenants: new Map([['t', FIRST_TAG + 9 * TURN]]),
      flows: new Map([['t a', FIRST_TAG + 5 * TURN]]),
      reached: new Map([['t', FIRST_TAG + 5 * TURN]]),
    }
    const { finishes } = placeJobs(before, [], [{ ...turn('b'), id: 'z-1-1' }])
    expect(finishes.tenants).toEqual(new Map([['t', FIRST_TAG + TURN]]))
    expect(finishes.flows).toEqual(new Map([['t b', FIRST_TAG + TURN]]))
  })
})

describe('waiting tenants', () => {
  const MINE = turn('mine', 1, 'b')

  it('get their half, whatever priorities and process ids another tenant uses, and whenever its jobs come', () => {
    const theirs = fc.record({ process: fc.nat(50), weight: fc.constantFrom(0.001, 0.25, 1, 16, 1_000) })
    const step = fc.record({ come: fc.array(theirs, { maxLength: 8 }), take: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), (steps) => {
        const lane = makeLaneModel()
        // Turns of either since both began to wait.
        const got = { a: 0, b: 0 }
        for (const { come, take } of steps) {
          lane.add(come.map(({ process, weight }) => turn(`p-${process} x${weight}`, weight, 'a')))
          if (!lane.waiting().some(({ tenant }) => tenant === 'b')) Object.assign(got, { a: 0, b: 0 })
          lane.add([MINE, MINE])
          for (let taken = 0; taken < take; taken += 1) {
            const waits = new Set(lane.waiting().map(({ tenant }) => tenant))
            const job = lane.take()
            if (waits.size < 2) Object.assign(got, { a: 0, b: 0 })
            else if (job !== undefined) got[job.tenant as 'a' | 'b'] += 1
            expect(got.a - got.b).toBeLessThanOrEqual(2)
          }
        }
      }),
    )
  })

  it('share by their weights, and the flows of each by theirs', () => {
    const lane = makeLaneModel()
    const heavy = { ...turn('one', 1, 'b'), tenantCost: turnCost(3) }
    lane.add([...many(200, 'one'), ...many(200, 'two', 3), ...Array.from({ length: 400 }, () => heavy)])
    const taken = takeAll(lane, 400)
    for (let from = 0; from < 360; from += 1) {
      const stretch = taken.slice(from, from + 40)
      const count = (flow: string) => stretch.filter((each) => each === flow).length
      expect(Math.abs(count('b one') - 30)).toBeLessThanOrEqual(1)
      expect(Math.abs(count('t two') - 7.5)).toBeLessThanOrEqual(1.5)
    }
  })

  it('let an urgent job pass their own jobs, and no other tenant’s', () => {
    const lane = makeLaneModel()
    lane.add([...many(100, 'crowd'), ...Array.from({ length: 100 }, () => MINE)])
    lane.add(many(10, 'urgent', 1_000))
    const taken = takeAll(lane, 40)
    expect(taken.slice(0, 24).filter((flow) => flow === 't urgent')).toHaveLength(10)
    expect(Math.abs(taken.filter((flow) => flow === 'b mine').length - 20)).toBeLessThanOrEqual(1)
  })

  it('keep each flow’s order, and their slots', () => {
    fc.assert(
      fc.property(laneSteps(150, { removals: false, tenants: 3 }), (steps) => {
        const last = new Map<string, string>()
        play(makeLaneModel(), steps, ({ flow, id }: Placed) => {
          expect(id > (last.get(flow) ?? '')).toBe(true)
          last.set(flow, id)
        })
      }),
    )
  })

  it('have no more slots than jobs', () => {
    const placed = placeJobs(
      NOTHING_PLACED,
      [],
      [
        { ...turn('one'), id: 'z-1-1' },
        { ...turn('two', 1_000), id: 'z-2-1' },
        { ...turn('three', 16), id: 'z-3-1' },
      ],
    )
    const tags = placed.waiting.map(({ tag }) => (tag - FIRST_TAG) / TURN).toSorted()
    expect(tags).toEqual([0, 1, 2])
  })
})
