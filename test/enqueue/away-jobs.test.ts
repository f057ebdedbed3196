import { describe, expect, it } from 'vitest'
import { type ArrivedJob, chooseLeft, leaseAway, leaveFor, timeAway } from '../../src/enqueue/away-jobs.ts'
import { jobKey } from '../../src/job/ids.ts'

const job = (key: number, order: number | null, older: number, recalled = false): ArrivedJob => ({
  ...{ key: jobKey(String(key)), order, older, recalled },
})
const keys = (jobs: readonly ArrivedJob[]) => jobs.map(({ key }) => Number(key))

describe('jobs that arrive while others are away', () => {
  it('are taken oldest first, new ones last and in the order in which they came', () => {
    let room = 3
    const left = chooseLeft(
      [job(4, null, 0), job(5, null, 0), job(2, 20, 0), job(1, 10, 0)],
      () => room-- > 0,
    )
    expect(keys(left)).toEqual([5])
  })

  it('have room only behind older jobs that are away or were just refused', () => {
    const asked: number[] = []
    chooseLeft([job(1, 10, 3), job(2, 20, 4), job(3, 30, 7, true), job(4, null, 9)], (older) => {
      asked.push(older)
      return older === 0
    })
    expect(asked).toEqual([3, 5, 0, 11])
  })
})

describe('the time away', () => {
  it('grows with the number of jobs away, up to ten minutes', () => {
    expect(timeAway(1, () => 1)).toBe(20_000)
    expect(timeAway(1, () => 0)).toBe(10_000)
    expect(timeAway(4_000, () => 1)).toBe(160_000)
    expect(timeAway(10_000_000, () => 1)).toBe(600_000)
  })

  it('is the lease itself, without a command, if that ends at about that time', () => {
    expect(leaveFor(20_000, 300_000)).toEqual({ awayMs: 20_000, told: true })
    expect(leaveFor(10_000, 30_000)).toEqual({ awayMs: 10_000, told: true })
    expect(leaveFor(20_000, 30_000)).toEqual({ awayMs: 30_000, told: false })
    expect(leaveFor(80_000, 30_000)).toEqual({ awayMs: 30_000, told: false })
    expect(leaveFor(600_000, 30_000)).toEqual({ awayMs: 600_000, told: true })
  })

  it.each([0, 1_000, 100_000])(
    'is not set for a job activated with a lease of that length, with %i away',
    (away) => {
      for (const random of [0, 0.5, 1])
        expect(
          leaveFor(
            timeAway(away, () => random),
            leaseAway(away),
          ).told,
        ).toBe(false)
    },
  )
})
