import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { addReadMetrics, makeSnapshot, single } from '../../src/control/read-metrics.ts'
import { readSamples } from '../flow/metric-samples.ts'

interface Reading {
  readonly lanes: Readonly<Record<string, number>>
  readonly evicted: number
}

it('metrics read from Redis show the latest reading, and no series before the first one', async () => {
  let reading: Reading | null = { lanes: { a: 1, b: 2 }, evicted: 7 }
  const registry = new Registry()
  addReadMetrics(registry, async () => reading, [
    {
      name: 'depth',
      help: 'Depth.',
      labelNames: ['lane'],
      of: ({ lanes }: Reading) => Object.entries(lanes).map(([lane, value]) => [{ lane }, value] as const),
    },
    { name: 'evicted_total', help: 'Evicted.', of: ({ evicted }) => single(evicted) },
    { name: 'age', help: 'Age.', of: () => single(0) },
  ])
  const figures = async () =>
    readSamples(await registry.metrics()).map(({ name, labels, value }) => [name, labels['lane'], value])
  const totals = [
    ['evicted_total', undefined, 7],
    ['age', undefined, 0],
  ]
  expect(await figures()).toEqual([['depth', 'a', 1], ['depth', 'b', 2], ...totals])
  // The counter is Redis's: it does not add up what it reads.
  expect(await figures()).toEqual([['depth', 'a', 1], ['depth', 'b', 2], ...totals])
  reading = { lanes: { b: 3 }, evicted: 7 }
  expect(await figures()).toEqual([['depth', 'b', 3], ...totals])
  reading = null
  expect(await figures()).toEqual([])
})

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
