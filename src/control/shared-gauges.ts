// Metrics of what all processes share. Only the ops role serves them, so that they are scraped once and not once per pod.
import type { Registry } from 'prom-client'
import type { RedisUsage } from '../redis/redis-usage.ts'
import { bullmqMetrics, type QueueName } from './bullmq-metrics.ts'
import { LANE_METRICS } from './lane-metrics.ts'
import { addReadMetrics, makeSnapshot, type ReadMetric, single } from './read-metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

interface SharedGaugeSources {
  readonly figures: () => Promise<SharedFigures>
  readonly usage: () => Promise<RedisUsage>
  readonly queueOf: QueueName
  /** How many more jobs all adapters together may take. */
  readonly capacity: (load: Pick<SharedFigures, 'held' | 'outcomes' | 'bytes'>) => number
  /** False while Redis is down: these metrics are then left out, the others are served. */
  readonly available: () => boolean
}

/** Adds the metrics to a registry; each scrape reads them. */
export function addSharedGauges(registry: Registry, sources: SharedGaugeSources): void {
  const { available, queueOf, capacity } = sources
  const when = { available, now: performance.now.bind(performance) }
  const figures = makeSnapshot(sources.figures, when)
  addReadMetrics(registry, figures, [
    ...LANE_METRICS,
    ...held(capacity),
    ...LEASES_AND_WORKERS,
    ...bullmqMetrics(queueOf),
  ])
  addReadMetrics(registry, makeSnapshot(sources.usage, when), REDIS_METRICS)
}

function held(capacity: SharedGaugeSources['capacity']): readonly ReadMetric<SharedFigures>[] {
  return [
    {
      name: 'quarry_backlog_jobs',
      help: 'Jobs in Redis by state: held (accepted, not yet answered) or unreported (answered, result not yet reported).',
      labelNames: ['state'],
      of: ({ held, outcomes }) => [
        [{ state: 'held' }, held],
        [{ state: 'unreported' }, outcomes],
      ],
    },
    {
      name: 'quarry_backlog_bytes',
      help: 'Size of held jobs and unreported outcomes, before the compression of jobs.',
      of: ({ bytes }) => single(bytes),
    },
    {
      name: 'quarry_capacity_jobs',
      help: 'How many more jobs all adapters together may take; at 0 nothing is activated.',
      of: (load) => single(capacity(load)),
    },
    {
      name: 'quarry_outcome_oldest_seconds',
      help: 'Age of the oldest outcome that is not yet reported to Zeebe; 0 for none.',
      of: ({ outcomeMs }) => single(outcomeMs / 1_000),
    },
  ]
}

const LEASES_AND_WORKERS: readonly ReadMetric<SharedFigures>[] = [
  {
    name: 'quarry_leases_held',
    help: 'Waiting and running jobs whose leases adapters extend.',
    of: ({ leases }) => single(leases),
  },
  {
    name: 'quarry_lease_overdue_seconds',
    help: 'How late the most overdue extension of a lease is; 0 for none.',
    of: ({ overdueMs }) => single(overdueMs / 1_000),
  },
  {
    name: 'quarry_workers',
    help: 'Live bedrock workers.',
    of: ({ workers }) => single(workers),
  },
  {
    name: 'quarry_wanted_slots',
    help: 'Sum of quarry_lane_wanted_slots over all lanes.',
    of: ({ lanes }) => single(lanes.reduce((sum, { wantedSlots }) => sum + wantedSlots, 0)),
  },
  {
    name: 'quarry_region_wanted_slots',
    help: 'Sum of quarry_lane_wanted_slots over the lanes of a region.',
    labelNames: ['region'],
    of: ({ lanes }) => lanes.map(({ overview: { region }, wantedSlots }) => [{ region }, wantedSlots]),
  },
]

const REDIS_METRICS: readonly ReadMetric<RedisUsage>[] = [
  {
    name: 'quarry_redis_memory_used_bytes',
    help: 'Memory that Redis uses, all servers that take writes together.',
    of: ({ usedBytes }) => single(usedBytes),
  },
  {
    name: 'quarry_redis_memory_max_bytes',
    help: 'Memory limit of Redis (maxmemory); 0 for none.',
    of: ({ maxBytes }) => single(maxBytes),
  },
  {
    name: 'quarry_redis_evicted_keys_total',
    help: 'Keys that Redis evicted for lack of memory since its servers started.',
    of: ({ evictedKeys }) => single(evictedKeys),
  },
  {
    name: 'quarry_redis_latency_seconds',
    help: 'Round trip to Redis as measured by the ops role, to the slowest server.',
    of: ({ latencyMs }) => single(latencyMs / 1_000),
  },
]
