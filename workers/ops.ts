// The ops role: what all processes share, as metrics. It holds neither Zeebe's credentials nor AWS's.
// Place for what comes: the dashboard page and control.
import { capacity } from '../src/activate/capacity.ts'
import { knownLanes } from '../src/control/lane-overview.ts'
import { readSharedFigures } from '../src/control/shared-figures.ts'
import { addSharedGauges } from '../src/control/shared-gauges.ts'
import { makeLaneLooks } from '../src/redis/look-lanes.ts'
import { makeShardLooks } from '../src/redis/look-shards.ts'
import { readRedisUsage } from '../src/redis/redis-usage.ts'
import { makeWishStore } from '../src/redis/wish-store.ts'
import { readWorkers } from '../src/redis/worker-pulse.ts'
import { type ProcessParts, type Role, redisCheck } from './role.ts'

export function makeOps(parts: ProcessParts): Role {
  return {
    needs: [redisCheck(parts)],
    async start() {
      addGauges(parts)
    },
    quiesce: async () => undefined,
    stop: async () => undefined,
  }
}

function addGauges({ redis, keys, registry, metrics, settings, laneRules }: ProcessParts): void {
  const wishes = makeWishStore(redis, keys)
  const reading = {
    known: () => knownLanes({ registry, wishes }),
    lanes: makeLaneLooks(redis, keys),
    shards: makeShardLooks(redis, keys),
    workers: () => readWorkers(redis, keys),
    quotaOf: laneRules.quotaOf,
  }
  const bounds = { jobs: settings.maxBacklog, bytes: settings.maxBacklogBytes }
  addSharedGauges(metrics, {
    figures: () => readSharedFigures(reading),
    usage: () => readRedisUsage(redis),
    queueOf: keys.queue,
    capacity: (load) => capacity({ ...load, arriving: 0 }, bounds),
    available: () => redis.status === 'ready',
  })
}
