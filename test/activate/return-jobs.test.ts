import { describe, expect, it } from 'vitest'
import { makeJobReturns, timeAway } from '../../src/activate/return-jobs.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'

const job = (key: number) => ({ key: jobKey(String(key)) }) as ActivatedJob

function returns() {
  const told: { jobKey: string; timeoutMs: number }[] = []
  const clock = { now: 0 }
  const port = { extend: async (command: { jobKey: string; timeoutMs: number }) => void told.push(command) }
  return { told, clock, ...makeJobReturns({ port, random: () => 1, now: () => clock.now }) }
}

describe('jobs that go back to Zeebe', () => {
  it('come back after some seconds where Redis refused them', async () => {
    const { told, forNow } = returns()
    await forNow([job(1)])
    expect(told).toEqual([{ jobKey: '1', timeoutMs: 5_000 }])
  })

  it('come back at once where this process stops', async () => {
    const { told, atOnce } = returns()
    await atOnce([job(1), job(2)])
    expect(told.map(({ timeoutMs }) => timeoutMs)).toEqual([1, 1])
  })

  it('stay away for the longer, the more of them are away, and no longer than ten minutes', async () => {
    expect(timeAway(1, () => 1)).toBe(20_000)
    expect(timeAway(1, () => 0)).toBe(10_000)
    expect(timeAway(6_000, () => 1)).toBe(60_000)
    expect(timeAway(10_000_000, () => 1)).toBe(600_000)
    const { told, clock, untilLater } = returns()
    await untilLater(Array.from({ length: 3_000 }, (_, index) => job(index)))
    expect(Math.max(...told.map(({ timeoutMs }) => timeoutMs))).toBe(30_000)
    clock.now = 1_000_000
    await untilLater([job(9_999)])
    expect(told.at(-1)?.timeoutMs).toBe(20_000)
  })

  it('are left to their lease where Zeebe does not answer', async () => {
    const extend = () => Promise.reject(new Error('away'))
    const { atOnce } = makeJobReturns({ port: { extend }, random: () => 1, now: () => 0 })
    await expect(atOnce([job(1)])).resolves.toBeUndefined()
  })
})
