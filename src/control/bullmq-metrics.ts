// BullMQ's own metrics under their usual names, so that dashboards made for BullMQ show the lanes.
import type { LaneName } from '../job/ids.ts'
import type { LaneFigures } from './lane-figures.ts'
import type { ReadMetric } from './read-metrics.ts'
import type { SharedFigures } from './shared-figures.ts'

/** BullMQ's name for the queue of a lane. */
export type QueueName = (lane: LaneName) => string

export function bullmqMetrics(queueOf: QueueName): readonly ReadMetric<SharedFigures>[] {
  const each = (
    name: string,
    help: string,
    figure: (lane: LaneFigures) => number,
  ): ReadMetric<SharedFigures> => ({
    name,
    help,
    labelNames: ['queue'],
    of: ({ lanes }) => lanes.map((lane) => [{ queue: queueOf(lane.overview.name) }, figure(lane)]),
  })
  return [
    {
      name: 'bullmq_job_count',
      help: 'Jobs of a queue by state: waiting, active, completed, failed, delayed, prioritized or waiting-children. Jobs that wait for their turn are prioritized.',
      labelNames: ['queue', 'state'],
      of: ({ lanes }) =>
        lanes.flatMap(({ overview: { name }, jobs }) =>
          Object.entries(jobs).map(([state, count]) => [{ queue: queueOf(name), state }, count] as const),
        ),
    },
    each(
      'bullmq_job_completed_total',
      'Jobs that BullMQ completed in a queue, whatever their outcome.',
      ({ ended }) => ended.completed,
    ),
    each(
      'bullmq_job_failed_total',
      'Jobs that BullMQ dropped from a queue because of a bug in Quarry; Zeebe hands them out again.',
      ({ ended }) => ended.failed,
    ),
    each(
      'bullmq_queue_oldest_job_age_seconds',
      'Age of the oldest unanswered job of a queue; 0 for none.',
      ({ oldestMs }) => oldestMs / 1_000,
    ),
  ]
}
