// Branded ids. Zeebe keys exceed 2^53, so a key is a string from the wire to Redis and back.

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Key of a Zeebe job: decimal digits of a 64-bit integer, never a JavaScript number. */
export type JobKey = Branded<'JobKey'>

/** Name of a lane: account, region and model or inference profile, encoded so that BullMQ takes it as a queue name. */
export type LaneName = Branded<'LaneName'>

const KEY = /^\d{1,20}$/

/**
 * Reads a job key.
 * @throws TypeError when the text is not the decimal form of an unsigned 64-bit integer.
 */
export function jobKey(text: string): JobKey {
  if (!KEY.test(text)) throw new TypeError(`Not a Zeebe job key: ${JSON.stringify(text.slice(0, 40))}`)
  return text as JobKey
}

/** A key is the number of its partition, followed by a 51-bit counter of that partition. Source: `Protocol` of Zeebe. */
const PARTITION_BITS = 51n

/** The Zeebe partition that created a job, and that alone takes commands for it. */
export function partitionOf(key: JobKey): number {
  return Number(BigInt(key) >> PARTITION_BITS)
}
