import { expect, test } from 'vitest'
import { drawLatencyMs, makeRandom, parseLatency } from '../../sim/latency.ts'

test.each([
  ['200ms', { kind: 'fixed', ms: 200 }],
  ['1.5s', { kind: 'fixed', ms: 1500 }],
  ['100ms-2s', { kind: 'uniform', minMs: 100, maxMs: 2000 }],
  ['lognormal:800ms:0.6', { kind: 'lognormal', medianMs: 800, sigma: 0.6 }],
])('%s is a latency', (text, latency) => {
  expect(parseLatency(text)).toEqual(latency)
})

test.each(['', '200', 'fast', '2s-1s', '1s-2s-3s', 'lognormal:800ms', 'lognormal:1:1', '-5ms'])(
  '%j is not a latency, and the message shows valid ones',
  (text) => {
    expect(() => parseLatency(text)).toThrow('write 200ms, 100ms-2s or lognormal:800ms:0.6')
  },
)

test('the same seed draws the same latencies', () => {
  const latency = parseLatency('lognormal:800ms:0.6')
  const draws = (seed: number) => {
    const random = makeRandom(seed)
    return Array.from({ length: 50 }, () => drawLatencyMs(latency, random))
  }
  expect(draws(3)).toEqual(draws(3))
  expect(draws(3)).not.toEqual(draws(4))
})

test('a lognormal latency has its median and its long tail', () => {
  const random = makeRandom(1)
  const latency = parseLatency('lognormal:800ms:0.6')
  const draws = Array.from({ length: 10_000 }, () => drawLatencyMs(latency, random)).sort((a, b) => a - b)
  expect(draws[5_000]).toBeGreaterThan(770)
  expect(draws[5_000]).toBeLessThan(830)
  // 800 ms * e^(0.6 * 2.326), the 99th percentile.
  expect(draws[9_900]).toBeGreaterThan(2_900)
  expect(draws[9_900]).toBeLessThan(3_600)
})

test('a uniform latency stays within its bounds', () => {
  const random = makeRandom(1)
  const draws = Array.from({ length: 1_000 }, () => drawLatencyMs(parseLatency('10ms-20ms'), random))
  expect(Math.min(...draws)).toBe(10)
  expect(Math.max(...draws)).toBe(20)
})
