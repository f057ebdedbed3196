import { describe, expect, it } from 'vitest'
import { makeSnapshot } from '../../src/control/read-metrics.ts'

describe('a snapshot', () => {
  it('is read once for all callers within a second', async () => {
    let reads = 0
    let now = 0
    const snapshot = makeSnapshot(
      async () => {
        reads += 1
        return reads
      },
      { available: () => true, now: () => now },
    )
    expect(await Promise.all([snapshot(), snapshot()])).toEqual([1, 1])
    now = 999
    expect(await snapshot()).toBe(1)
    now = 1_000
    expect(await snapshot()).toBe(2)
  })

  it('is empty when Redis is away or disconnects, and sends no command while it is away', async () => {
    let reads = 0
    let there = true
    const failing = async (): Promise<number> => {
      reads += 1
      throw new Error('Connection is closed.')
    }
    const snapshot = makeSnapshot(failing, { available: () => there, now: () => 0 })
    expect(await snapshot()).toBeNull()
    there = false
    expect(await snapshot()).toBeNull()
    expect(reads).toBe(1)
  })

  it('is empty when Redis stops answering', async () => {
    const silent = () => new Promise<never>(() => undefined)
    expect(await makeSnapshot(silent, { available: () => true, now: () => 0 })()).toBeNull()
  })
})
