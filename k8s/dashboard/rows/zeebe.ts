// Zeebe: activation, leases, reports; and the connector runtime's own counters.
import type { Row } from '../panel.ts'
import { NAMESPACE, orZero, rate } from '../selectors.ts'

const OUTBOUND = 'camunda_connector_outbound'

export const zeebe: Row = {
  title: 'Zeebe',
  panels: [
    {
      title: 'Leases',
      description:
        'Jobs whose leases adapters extend, and how late the most overdue extension is. When a lease ends, a call may be paid twice.',
      unit: 'short',
      queries: [
        [`max(quarry_leases_held{${NAMESPACE}})`, 'held'],
        [`max(quarry_lease_overdue_seconds{${NAMESPACE}})`, 'seconds overdue'],
      ],
    },
    {
      title: 'Extensions',
      description: 'By result: extended, delayed (Zeebe is down or busy), lost.',
      unit: 'reqps',
      queries: [[orZero(`sum by (result) (${rate('quarry_leases_total', NAMESPACE)})`), '{{result}}']],
    },
    {
      title: 'Reports',
      description: 'By the answer of Zeebe: accepted, gone (the job no longer exists) or notActive.',
      unit: 'reqps',
      queries: [
        [`sum by (outcome, result) (${rate('quarry_reports_total', NAMESPACE)})`, '{{outcome}} {{result}}'],
      ],
    },
    {
      title: 'Oldest unreported result',
      description: 'Age of the oldest outcome that is not yet reported to Zeebe.',
      unit: 's',
      queries: [[`max(quarry_outcome_oldest_seconds{${NAMESPACE}})`, 'oldest']],
    },
    {
      title: 'Refused by Zeebe, retried',
      description: 'Reports and activations that failed and are retried, by gRPC status.',
      unit: 'reqps',
      queries: [
        [orZero(`sum by (status) (${rate('quarry_report_retries_total', NAMESPACE)})`), 'report {{status}}'],
        [
          orZero(`sum by (status) (${rate('quarry_activation_failures_total', NAMESPACE)})`),
          'activation {{status}}',
        ],
      ],
    },
    {
      title: 'Duplicates avoided',
      description: 'Jobs that came again and were not called again, by reason; and activations by result.',
      unit: 'short',
      queries: [
        [
          orZero(`sum by (why) (increase(quarry_duplicates_avoided_total{${NAMESPACE}}[$__rate_interval]))`),
          'avoided: {{why}}',
        ],
        [
          `sum by (acceptance) (increase(quarry_jobs_accepted_total{${NAMESPACE}}[$__rate_interval]))`,
          'accepted: {{acceptance}}',
        ],
      ],
    },
    {
      title: 'Jobs, as counted by the connector runtime',
      description: 'Invocations by action, under the names of the stock runtime.',
      unit: 'reqps',
      width: 12,
      queries: [[`sum by (action) (${rate(`${OUTBOUND}_invocations_total`, NAMESPACE)})`, '{{action}}']],
    },
    {
      title: 'Execution time, as counted by the connector runtime',
      description: 'Mean execution time.',
      unit: 's',
      width: 12,
      queries: [
        [
          `sum(${rate(`${OUTBOUND}_execution_time_seconds_sum`, NAMESPACE)}) / sum(${rate(`${OUTBOUND}_execution_time_seconds_count`, NAMESPACE)})`,
          'mean',
        ],
      ],
    },
  ],
}
