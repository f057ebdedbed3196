// The two numbers that a run is made of: its seed, which repeats it, and its scale, which makes it smaller.
import { randomInt } from 'node:crypto'
import { makeRandom, type Random } from '../../sim/latency.ts'

/** `QUARRY_CHAOS_SEED`, or another one for each file of a run. It stands in the table that a run prints. */
export const SEED = wholeNumber('QUARRY_CHAOS_SEED', process.env['QUARRY_CHAOS_SEED']) ?? randomInt(2 ** 31)

/** `QUARRY_CHAOS_SCALE`: the share of instances, faults and outages of a full run. */
const SCALE = Number(process.env['QUARRY_CHAOS_SCALE'] ?? 1)
if (!(SCALE > 0 && SCALE <= 1)) throw new RangeError('QUARRY_CHAOS_SCALE is not above 0 and at most 1.')

/** A random source of this run. A scenario takes one of its own, so that no other one changes its numbers. */
export function seeded(): Random {
  return makeRandom(SEED)
}

/** `full` as far as the scale says, `least` at the least. */
export function scaled(full: number, least: number): number {
  return Math.max(Math.min(full, least), Math.round(full * SCALE))
}

/** One of them. @throws RangeError when there is none. */
export function pick<T>(from: readonly T[], random: Random): T {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new RangeError('There is nothing to pick from.')
  return found
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (!/^\d+$/.test(text)) throw new RangeError(`${name} is not a whole number.`)
  return Number(text)
}
