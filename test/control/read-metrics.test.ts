import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { addReadMetrics, single } from '../../src/control/read-metrics.ts'
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
