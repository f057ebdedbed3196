// Whether a Redis is near and has room. Pure; whether it may be used at all is redis/redis-facts.ts.
import type { RedisMeasure } from '../redis/measure-redis.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

/** A job takes some ten round trips, and each call its turn by one. */
const FAR_MS = 5
const FILLING = 0.8
const FULL = 0.95
const MIB = 2 ** 20

/** @returns what is to be said of each server. */
export function judgeMeasures(measures: readonly RedisMeasure[]): readonly Verdict[] {
  return measures.flatMap((measure) => [latency(measure), memory(measure), ...evictions(measure)])
}

function latency({ address, latencyMs }: RedisMeasure): Verdict {
  const text = `A round trip to ${address} takes ${latencyMs.toFixed(1)} ms`
  if (latencyMs <= FAR_MS) return ok(`${text}.`)
  return warning(
    `${text}: each job takes some ten, so lanes are slower than they could be. Put Redis into the same region and network, and look at its load (redis-cli --latency, SLOWLOG GET).`,
  )
}

function memory({ address, usedBytes, maxBytes }: RedisMeasure): Verdict {
  const used = `${address} uses ${Math.round(usedBytes / MIB)} MiB`
  if (maxBytes === 0)
    return ok(`${used}, and has no maxmemory: QUARRY_MAX_BACKLOG_BYTES bounds what waits in it.`)
  const share = usedBytes / maxBytes
  const text = `${used} of ${Math.round(maxBytes / MIB)} MiB (maxmemory)`
  if (share < FILLING) return ok(`${text}.`)
  const remedy = 'Raise maxmemory, or lower QUARRY_MAX_BACKLOG or QUARRY_MAX_BACKLOG_BYTES.'
  return share < FULL
    ? warning(`${text}. When it is full it takes no jobs and no answers. ${remedy}`)
    : fault(`${text}: it takes no more jobs and no answers when that is full. ${remedy}`)
}

function evictions({ address, evictedKeys }: RedisMeasure): Verdict[] {
  if (evictedKeys === 0) return []
  return [
    warning(
      `${address} has evicted ${evictedKeys} keys since its start: jobs may have been among them, and come back from Zeebe when their leases end. Keep maxmemory-policy at noeviction, and give Quarry a Redis of its own.`,
    ),
  ]
}
