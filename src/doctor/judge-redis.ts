// Words whether Redis is near and has room. Pure. redis/redis-facts.ts decides whether it may be used at all.
import type { RedisMeasure } from '../redis/measure-redis.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

/** A job takes about ten round trips, and each call one for its turn. */
const FAR_MS = 5
const FILLING = 0.8
const FULL = 0.95
const MIB = 2 ** 20

/** All results of each server. */
export function judgeMeasures(measures: readonly RedisMeasure[]): readonly Verdict[] {
  return measures.flatMap((measure) => [latency(measure), memory(measure), ...evictions(measure)])
}

function latency({ address, latencyMs }: RedisMeasure): Verdict {
  const text = `A round trip to ${address} takes ${latencyMs.toFixed(1)} ms`
  if (latencyMs <= FAR_MS) return ok(`${text}.`)
  return warning(
    `${text}: a job takes about ten, so lanes are slower than they could be. Put Redis into the same region and network, and look at its load (redis-cli --latency, SLOWLOG GET).`,
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
    ? warning(`${text}. A full Redis takes no jobs and no answers. ${remedy}`)
    : fault(`${text}: a full Redis takes no jobs and no answers. ${remedy}`)
}

function evictions({ address, evictedKeys }: RedisMeasure): Verdict[] {
  if (evictedKeys === 0) return []
  return [
    warning(
      `${address} has evicted ${evictedKeys} keys since its start: jobs may have been among them, and come back from Zeebe when their leases end. Keep maxmemory-policy at noeviction, and give Quarry a Redis of its own.`,
    ),
  ]
}
