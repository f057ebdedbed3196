import { describe, expect, it } from 'vitest'
import { makeLaneRoom } from '../../src/enqueue/lane-room.ts'
import type { LaneName } from '../../src/job/ids.ts'

const SLOW = 'default@eu-west-1@slow' as LaneName
const OTHER = 'default@eu-west-1@other' as LaneName

function room(share = 100) {
  const lanes = new Map([
    [SLOW, { depth: 0, answered: 0 }],
    [OTHER, { depth: 0, answered: 0 }],
  ])
  const clock = { now: 0 }
  const draining = new Set<LaneName>()
  const of = (lane: LaneName) => lanes.get(lane) ?? { depth: 0, answered: 0 }
  const made = makeLaneRoom({
    depth: async (lane) => of(lane).depth,
    answered: async (lane) => of(lane).answered,
    draining: async (lane) => draining.has(lane),
    share,
    most: share + 20,
    now: () => clock.now,
  })
  return {
    ...made,
    clock,
    draining,
    set: (lane: LaneName, now: { depth: number; answered: number }) => lanes.set(lane, now),
  }
}

describe('a lane below its share', () => {
  it('takes all', async () => {
    const { take, holding } = room()
    expect(await take(SLOW, 99)).toBe(99)
    expect(await holding()).toBe(false)
  })
})

describe('a lane with its share', () => {
  it('holds activation, as long as it is too early to tell whether it moves', async () => {
    const { take, holding, set } = room()
    set(SLOW, { depth: 100, answered: 0 })
    expect(await take(SLOW, 5)).toBe(5)
    expect(await holding()).toBe(true)
  })

  it('takes what was on its way, but leaves room for others', async () => {
    const { take, set } = room()
    set(SLOW, { depth: 100, answered: 0 })
    expect(await take(SLOW, 50)).toBe(20)
    expect(await take(SLOW, 1)).toBe(0)
  })

  it('is noticed at once when this adapter fills it itself', async () => {
    const { take, holding, clock, set } = room()
    await take(SLOW, 100)
    set(SLOW, { depth: 100, answered: 0 })
    clock.now = 300
    expect(await holding()).toBe(true)
  })

  it('goes on holding activation while it moves: no job makes the way twice', async () => {
    const { take, holding, clock, set } = room()
    set(SLOW, { depth: 100, answered: 0 })
    await take(SLOW, 1)
    clock.now = 6_000
    set(SLOW, { depth: 100, answered: 60 })
    expect(await holding()).toBe(true)
    expect(await take(SLOW, 1)).toBe(1)
  })

  it('takes no more once it is stuck, and leaves activation to other lanes', async () => {
    const { take, holding, clock, set } = room()
    set(SLOW, { depth: 100, answered: 0 })
    await take(SLOW, 1)
    clock.now = 6_000
    set(SLOW, { depth: 100, answered: 59 })
    expect(await holding()).toBe(false)
    expect(await take(SLOW, 7)).toBe(0)
    expect(await take(OTHER, 7)).toBe(7)
  })

  it('that moved for long and gets stuck is noticed', async () => {
    const { take, holding, clock, set } = room()
    for (let second = 0; second <= 600; second += 1) {
      clock.now = second * 1_000
      set(SLOW, { depth: 100, answered: second * 50 })
      await take(SLOW, 1)
    }
    expect(await holding()).toBe(true)
    clock.now = 616_000
    await holding()
    clock.now = 622_000
    expect(await holding()).toBe(false)
    expect(await take(SLOW, 1)).toBe(0)
  })

  it('takes jobs again when it is clearly below its share', async () => {
    const { take, clock, set } = room()
    set(SLOW, { depth: 100, answered: 0 })
    await take(SLOW, 1)
    clock.now = 6_000
    set(SLOW, { depth: 95, answered: 5 })
    expect(await take(SLOW, 1)).toBe(0)
    clock.now = 7_000
    set(SLOW, { depth: 89, answered: 11 })
    expect(await take(SLOW, 1)).toBe(1)
  })
})

describe('a lane that drains', () => {
  it('takes nothing from the next look on, until it drains no more', async () => {
    const { take, why, clock, draining } = room()
    expect(await take(SLOW, 5)).toBe(5)
    draining.add(SLOW)
    clock.now = 251
    expect(await take(SLOW, 5)).toBe(0)
    expect(why(SLOW)).toBe('laneDraining')
    expect(await take(OTHER, 5)).toBe(5)
    draining.delete(SLOW)
    clock.now = 502
    expect(await take(SLOW, 5)).toBe(5)
    expect(why(SLOW)).toBe('laneFull')
  })

  it('does not hold activation for others, however full it is', async () => {
    const { take, holding, draining, set } = room()
    draining.add(SLOW)
    set(SLOW, { depth: 100, answered: 0 })
    expect(await take(SLOW, 1)).toBe(0)
    expect(await holding()).toBe(false)
  })
})
