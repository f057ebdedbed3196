import { describe, expect, it } from 'vitest'
import { makeHands } from '../../src/activate/hands.ts'

const MB = 1024 * 1024
const job = (units: number) => ({ variables: 'x'.repeat(units), customHeaders: '' })

describe('the jobs that an adapter holds outside of Redis', () => {
  it('are bounded in bytes, and releasing some makes room', () => {
    const hands = makeHands(80 * MB)
    const jobs = [job(3 * MB), job(3 * MB), job(3 * MB)]
    expect(jobs.map((each) => hands.take(each))).toEqual([true, true, false])
    hands.letGo(jobs.slice(0, 1))
    hands.letGo(jobs.slice(0, 1))
    expect([job(3 * MB), job(3 * MB)].map((each) => hands.take(each))).toEqual([true, false])
  })

  it('may include one job that is larger than all the room', () => {
    const hands = makeHands(8 * MB)
    const large = job(4 * MB)
    expect([hands.take(large), hands.take(job(4 * MB))]).toEqual([true, false])
    expect(hands.fits()).toBe(0)
    hands.letGo([large])
    expect(hands.fits()).toBeGreaterThanOrEqual(1)
    expect(hands.take(job(4 * MB))).toBe(true)
  })

  it('include small jobs beside large ones, but only a bounded number', () => {
    const hands = makeHands(80 * MB)
    for (const units of [3 * MB, 100_000]) while (hands.take(job(units)));
    const taken = Array.from({ length: 2_000 }, () => hands.take(job(1_000))).filter((each) => each)
    expect(taken.length).toBeGreaterThan(100)
    expect(taken.length).toBeLessThan(2_000)
  })

  it('are fewer when recent jobs were large, and as many as before when they are small again', () => {
    const hands = makeHands(80 * MB)
    const come = (units: number) => {
      for (const each of Array.from({ length: 100 }, () => job(units))) {
        hands.take(each)
        hands.letGo([each])
      }
    }
    expect(hands.fits()).toBeGreaterThan(1_000)
    come(3 * MB)
    expect(hands.fits()).toBe(2)
    const held = job(3 * MB)
    hands.take(held)
    expect(hands.fits()).toBe(1)
    hands.letGo([held])
    come(100)
    expect(hands.fits()).toBeGreaterThan(1_000)
  })
})
