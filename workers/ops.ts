// The ops role: shows what all processes share, as metrics and on a page. It has neither Zeebe's credentials nor AWS's.
import { capacity } from '../src/activate/capacity.ts'
import { knownLanes } from '../src/control/lane-overview.ts'
import { readSharedFigures, type SharedFigures } from '../src/control/shared-figures.ts'
import { addSharedGauges } from '../src/control/shared-gauges.ts'
import { makeUnfitWatch } from '../src/control/unfit-rules.ts'
import { parseLaneName } from '../src/job/lane.ts'
import { makeAwayStore } from '../src/lanes/away/away-store.ts'
import { makeLaneLooks } from '../src/lanes/look-lanes.ts'
import { makeOverrideStore } from '../src/lanes/override-store.ts'
import { makeQuietLooks } from '../src/lanes/quiet-looks.ts'
import { makeShardLooks } from '../src/ledger/look-shards.ts'
import { readWorkers } from '../src/ledger/worker-pulse.ts'
import { readRedisUsage } from '../src/redis/redis-usage.ts'
import { opsDashboard } from './dashboard.ts'
import { redisCheck } from './redis-check.ts'
import type { ProcessParts, Role } from './role.ts'
import { inOrder } from './services.ts'

export function makeOps(parts: ProcessParts): Role {
  const figures = figuresOf(parts)
  const dashboard = opsDashboard(parts, figures)
  const services = inOrder(
    [...(dashboard === null ? [] : [dashboard.service]), unfitWatch(parts)],
    parts.events,
  )
  return {
    needs: [redisCheck(parts)],
    ...(dashboard === null ? {} : { pages: dashboard.app }),
    async start() {
      addGauges(parts, figures)
      await services.start()
    },
    quiesce: async () => undefined,
    async stop(graceMs) {
      await services.stop(graceMs)
      await dashboard?.close()
    },
  }
}

function unfitWatch({ redis, keys, registry, laneRules, events }: ProcessParts) {
  const overrides = makeOverrideStore(redis, keys)
  return makeUnfitWatch({
    lanes: async () => (await knownLanes({ registry, overrides })).map(parseLaneName),
    rules: laneRules.current,
    events,
    now: () => performance.now(),
  })
}

function figuresOf({ redis, keys, registry, laneRules }: ProcessParts): () => Promise<SharedFigures> {
  const overrides = makeOverrideStore(redis, keys)
  const lanes = makeQuietLooks({ registry, overrides, looks: makeLaneLooks(redis, keys) })
  const reading = {
    known: lanes.known,
    lanes,
    away: makeAwayStore(redis, keys).counts,
    shards: makeShardLooks(redis, keys),
    workers: () => readWorkers(redis, keys),
    quotaOf: laneRules.quotaOf,
  }
  return () => readSharedFigures(reading)
}

function addGauges(
  { redis, keys, metrics, settings }: ProcessParts,
  figures: () => Promise<SharedFigures>,
): void {
  const bounds = { jobs: settings.maxBacklog, bytes: settings.maxBacklogBytes }
  addSharedGauges(metrics, {
    figures,
    usage: () => readRedisUsage(redis),
    queueOf: keys.queue,
    capacity: (load) => capacity({ ...load, arriving: 0 }, bounds),
    available: () => redis.status === 'ready',
  })
}
