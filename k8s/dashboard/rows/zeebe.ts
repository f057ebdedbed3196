// The side of Zeebe: activation, leases, reports; and the connector runtime's own counters.
import type { Row } from '../panel.ts'
import { NAMESPACE, orZero, rate } from '../selectors.ts'

const OUTBOUND = 'camunda_connector_outbound'

export const zeebe: Row = {
  title: 'Zeebe',
  panels: [
    {
      title: 'Leases',
      description:
        'Jobs whose lease is kept, and how late the most overdue extension is. Late ones are paid twice.',
      unit: 'short',
      queries: [
        [`max(quarry_leases_held{${NAMESPACE}})`, 'held'],
        [`max(quarry_lease_overdue_seconds{${NAMESPACE}})`, 'seconds overdue'],
      ],
    },
    {
      title: 'Extensions',
      description: 'By what became of them: extended, delayed (Zeebe away or busy), lost.',
      unit: 'reqps',
      queries: [[orZero(`sum by (result) (${rate('quarry_leases_total', NAMESPACE)})`), '{{result}}']],
    },
    {
      title: 'Reports',
      description: 'What Zeebe made of outcomes: accepted, gone (the job is no more) or notActive.',
      unit: 'reqps',
      queries: [
        [`sum by (outcome, result) (${rate('quarry_reports_total', NAMESPACE)})`, '{{outcome}} {{result}}'],
      ],
    },
    {
      title: 'Outcomes that wait',
      description: 'How old the oldest outcome is that Zeebe was not told.',
      unit: 's',
      queries: [[`max(quarry_outcome_oldest_seconds{${NAMESPACE}})`, 'oldest']],
    },
    {
      title: 'What Zeebe refused for now',
      description: 'Reports and activations that were tried again, by gRPC status.',
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
      description: 'Calls that were not made a second time, by why; and what activations came to.',
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
      title: 'As the connector runtime counts',
      description: 'Invocations under the names of the stock runtime, by action.',
      unit: 'reqps',
      width: 12,
      queries: [[`sum by (action) (${rate(`${OUTBOUND}_invocations_total`, NAMESPACE)})`, '{{action}}']],
    },
    {
      title: 'Execution time as the connector runtime counts',
      description: 'Mean of the time in the connector.',
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
