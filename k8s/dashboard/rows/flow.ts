// Jobs that come in, wait, and go out.
import type { Row } from '../panel.ts'
import { LANE, NAMESPACE, orZero, quantile, rate, sumOfShared } from '../selectors.ts'

export const flow: Row = {
  title: 'Flow',
  panels: [
    {
      title: 'Waiting',
      description: 'Waiting and delayed jobs of all lanes.',
      unit: 'short',
      type: 'stat',
      queries: [
        [sumOfShared('quarry_lane_jobs', `${LANE}, state=~"waiting|delayed"`, ['lane', 'state']), 'jobs'],
      ],
    },
    {
      title: 'Oldest wait',
      description: 'Age of the oldest unanswered job. A job fails after QUARRY_MAX_WAIT (an hour).',
      unit: 's',
      type: 'stat',
      alarming: [600, 1800],
      queries: [[`max(quarry_lane_oldest_wait_seconds{${LANE}})`, 'oldest']],
    },
    {
      title: 'Answered',
      description: 'Jobs per minute that got an outcome.',
      unit: 'short',
      type: 'stat',
      queries: [
        [
          `60 * ((sum(${rate('quarry_jobs_completed_total', LANE)}) or vector(0)) + (sum(${rate('quarry_jobs_failed_total', LANE)}) or vector(0)))`,
          'a minute',
        ],
      ],
    },
    {
      title: 'Workers',
      description: 'Live bedrock workers.',
      unit: 'short',
      type: 'stat',
      queries: [[`max(quarry_workers{${NAMESPACE}})`, 'workers']],
    },
    {
      title: 'Room',
      description:
        'How many more jobs adapters may take (QUARRY_MAX_BACKLOG). At 0 further jobs wait in Zeebe.',
      unit: 'short',
      type: 'stat',
      queries: [[`max(quarry_capacity_jobs{${NAMESPACE}})`, 'jobs']],
    },
    {
      title: 'Results not reported',
      description: 'Outcomes that are not yet reported to Zeebe.',
      unit: 'short',
      type: 'stat',
      alarming: [100, 1000],
      queries: [[`max(quarry_backlog_jobs{${NAMESPACE}, state="unreported"})`, 'outcomes']],
    },
    {
      title: 'Jobs in and out',
      description: 'Jobs per second: activated, completed (including BPMN errors) and failed.',
      unit: 'reqps',
      queries: [
        [`sum(${rate('quarry_jobs_activated_total', NAMESPACE)})`, 'activated'],
        [`sum(${rate('quarry_jobs_completed_total', LANE)})`, 'completed'],
        [orZero(`sum(${rate('quarry_jobs_failed_total', LANE)})`), 'failed'],
      ],
    },
    {
      title: 'Jobs by lane',
      description: 'Waiting, delayed and active jobs of each lane.',
      unit: 'short',
      stacked: true,
      queries: [[sumOfShared('quarry_lane_jobs', LANE, ['lane', 'state'], 'lane'), '{{lane}}']],
    },
    {
      title: 'Oldest wait by lane',
      description:
        'Age is normal in a lane with a small quota. A lane that ages without any answer is stuck.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_oldest_wait_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Time for the backlog',
      description:
        'Time that the waiting and delayed jobs of a lane take at its current pace. Jobs beyond QUARRY_MAX_WAIT (an hour) will fail.',
      unit: 's',
      queries: [[`max by (lane) (quarry_lane_backlog_seconds{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Back with Zeebe',
      description:
        'Jobs that are back with Zeebe until their lane has room: it is paused, draining, in an outage, or gets more jobs than it can run.',
      unit: 'short',
      queries: [[`max by (lane) (quarry_lane_away_jobs{${LANE}})`, '{{lane}}']],
    },
    {
      title: 'Wait before the first call',
      description: 'Time from acceptance into a lane to the first turn.',
      unit: 's',
      queries: [
        [quantile(0.5, 'quarry_queue_wait_seconds', LANE, 'lane'), 'half, {{lane}}'],
        [quantile(0.95, 'quarry_queue_wait_seconds', LANE, 'lane'), '95 %, {{lane}}'],
      ],
    },
    {
      title: 'Put back into the lane',
      description:
        'By reason: throttle, transient (counts as a send), outage, pace, budget, reading (slow documents), handBack (a worker stopped), workerDied, repair (an answer violates its schema), schema (Bedrock compiles it).',
      unit: 'reqps',
      queries: [[`sum by (reason) (${rate('quarry_deferrals_total', LANE)})`, '{{reason}}']],
    },
    {
      title: 'Ended otherwise',
      description:
        'Expired: waited longer than QUARRY_MAX_WAIT. Withdrawn: cancelled in Zeebe. Quarantined: its workers died. Returned: went back to Zeebe.',
      unit: 'short',
      queries: [
        [orZero(`sum(increase(quarry_jobs_expired_total{${LANE}}[$__rate_interval]))`), 'expired'],
        [orZero(`sum(increase(quarry_jobs_withdrawn_total{${LANE}}[$__rate_interval]))`), 'withdrawn'],
        [orZero(`sum(increase(quarry_jobs_quarantined_total{${LANE}}[$__rate_interval]))`), 'quarantined'],
        [orZero(`sum(increase(quarry_jobs_returned_total{${NAMESPACE}}[$__rate_interval]))`), 'returned'],
      ],
    },
  ],
}
