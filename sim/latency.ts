// How long the model takes. Pure but for the random source, which is seeded, so that a run can be repeated.
import type { Latency } from './settings.ts'

/** Numbers in [0, 1). */
export type Random = () => number

/** A seeded random source (mulberry32): the same seed gives the same numbers. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws one latency in whole milliseconds; `fixed` takes no random number. */
export function drawLatencyMs(latency: Latency, random: Random): number {
  switch (latency.kind) {
    case 'fixed':
      return latency.ms
    case 'uniform':
      return Math.round(latency.minMs + random() * (latency.maxMs - latency.minMs))
    case 'lognormal': {
      // Box-Muller; 1 - random() keeps the logarithm finite.
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      return Math.round(latency.medianMs * Math.exp(latency.sigma * normal))
    }
  }
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s)$/

function readMilliseconds(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? []
  if (amount === undefined) return undefined
  return Number(amount) * (unit === 's' ? 1000 : 1)
}

/**
 * Reads a latency as the command line writes it: `200ms`, `100ms-2s`, `lognormal:800ms:0.6` (median, sigma).
 * @throws RangeError when it is none of these
 */
export function parseLatency(text: string): Latency {
  const wrong = new RangeError(
    `Latency ${JSON.stringify(text)} is not understood: write 200ms, 100ms-2s or lognormal:800ms:0.6 (median, sigma).`,
  )
  if (text.startsWith('lognormal:')) {
    const [, median = '', sigma = ''] = text.split(':')
    const medianMs = readMilliseconds(median)
    if (medianMs === undefined || !/^\d+(\.\d+)?$/.test(sigma)) throw wrong
    return { kind: 'lognormal', medianMs, sigma: Number(sigma) }
  }
  const [low = '', high, ...rest] = text.split('-')
  const lowMs = readMilliseconds(low)
  if (lowMs === undefined || rest.length > 0) throw wrong
  if (high === undefined) return { kind: 'fixed', ms: lowMs }
  const highMs = readMilliseconds(high)
  if (highMs === undefined || highMs < lowMs) throw wrong
  return { kind: 'uniform', minMs: lowMs, maxMs: highMs }
}
