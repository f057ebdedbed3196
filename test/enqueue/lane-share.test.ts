import { describe, expect, it } from 'vitest'
import { excessOf, fairDepth, type JudgedLane, judgeLane, laneLimit } from '../../src/enqueue/lane-share.ts'

const bounds = { share: 750, all: 1_000 }

describe('the limit of one lane', () => {
  it('is its share of what no other lane holds', () => {
    const rows = [
      [1_000, 0],
      [250, 750],
      [500, 0],
      [100, 400],
      [0, 200],
      [-10, 0],
    ] as const
    expect(rows.map(([room, depth]) => laneLimit(room, depth, bounds))).toEqual([750, 750, 375, 375, 150, -7])
  })

  it('is all that is free if its share is the whole backlog', () => {
    expect(laneLimit(1, 2, { share: 1_000, all: 1_000 })).toBe(3)
    expect(laneLimit(900, 0, { share: 2_000, all: 1_000 })).toBe(900)
  })

  it('keeps any number of stuck lanes from filling the backlog', () => {
    for (const lanes of [1, 2, 10, 50]) {
      const held = Array.from({ length: lanes }, () => 0)
      const free = () => bounds.all - held.reduce((sum, depth) => sum + depth, 0)
      for (let round = 0; round < 1_000; round += 1)
        for (const [lane, depth] of held.entries())
          if (depth < laneLimit(free(), depth, bounds)) held[lane] = depth + 1
      expect(free()).toBeGreaterThanOrEqual(Math.floor(1_000 / (1 + 3 * lanes)) - lanes)
      expect(free()).toBeGreaterThan(0)
    }
  })
})

function judge() {
  let last: JudgedLane | undefined
  return (atMs: number, depth: number, answered: number, halt: 'paused' | null = null, limit = 100) => {
    last = judgeLane({ atMs, depth, answered, halt }, last, { limit, share: 100 })
    return last.verdict
  }
}

describe('a lane with its share', () => {
  it('pauses activation until its speed is known, and lets it go on while the lane moves', () => {
    const look = judge()
    expect([look(0, 100, 0), look(4_000, 100, 0), look(6_000, 100, 60)]).toEqual(['hold', 'hold', 'hold'])
  })

  it('is stuck when it does not empty its share in ten seconds', () => {
    const look = judge()
    expect([look(0, 100, 0), look(6_000, 100, 59)]).toEqual(['hold', 'return'])
  })

  it('is stuck at once if an operator paused it', () => {
    const look = judge()
    expect([look(0, 99, 0, 'paused'), look(1, 100, 0, 'paused')]).toEqual(['room', 'return'])
  })

  it('is measured again from time to time, because a moving lane may get stuck', () => {
    const look = judge()
    for (let second = 0; second <= 600; second += 1) look(second * 1_000, 100, second * 50)
    expect(look(601_000, 100, 30_000)).toBe('hold')
    look(612_000, 100, 30_000)
    expect(look(618_000, 100, 30_000)).toBe('return')
  })

  it('has room again when it is clearly below its share', () => {
    const look = judge()
    look(0, 100, 0)
    expect([look(6_000, 95, 5), look(7_000, 89, 11)]).toEqual(['return', 'room'])
  })

  it('that was found slow does not stop activation when it is full again', () => {
    const look = judge()
    look(0, 100, 0)
    look(6_000, 100, 5)
    expect([look(20_000, 89, 16), look(21_000, 100, 16)]).toEqual(['room', 'return'])
    expect([look(80_000, 40, 60), look(81_000, 100, 60)]).toEqual(['room', 'hold'])
  })
})

describe('lanes that share what is free', () => {
  const half = { share: 1_000, all: 2_000 }
  const still = (holds: number, more = 0) => ({ holds, least: 0, most: holds + more })
  const moving = (holds: number) => ({ holds, least: holds, most: holds })

  it.each([
    ['one that stands still holds what it may alone', [still(1_000)], 1_000, 1_000],
    ['two hold a third each, though the first had a half', [still(1_000), still(1_000)], 0, 667],
    ['ten hold an eleventh each', Array.from({ length: 10 }, () => still(200)), 0, 181],
    ['those that hold less leave the others more', [still(1_000), still(10)], 990, 995],
    ['what they would take is counted before it comes', [still(1_000), still(10, 4_000)], 990, 667],
    ['one has room for a job where one is free', [still(0, 5)], 1, 1],
    ['one that moves gives nothing back', [still(1_000), moving(600)], 400, 700],
  ])('%s', (_, sharers, room, depth) => {
    expect(fairDepth(sharers, room, half)).toBe(depth)
  })

  it('give back their excess together, unless it is small', () => {
    expect(excessOf([1_000, 700, 10], 666)).toEqual([334, 34, 0])
    expect(excessOf([700, 700], 666)).toEqual([0, 0])
    expect(excessOf([700, 700, 700, 700], 666)).toEqual([34, 34, 34, 34])
  })
})
