// Quarry's own processes.
import type { Row } from '../panel.ts'
import { NAMESPACE, ofQuarry, orZero } from '../selectors.ts'

export const processes: Row = {
  title: 'Processes',
  panels: [
    {
      title: 'CPU',
      description: 'Cores used.',
      unit: 'short',
      queries: [[ofQuarry('rate(process_cpu_seconds_total[$__rate_interval])'), '{{instance}}']],
    },
    {
      title: 'Memory',
      description: 'Resident memory.',
      unit: 'bytes',
      queries: [[ofQuarry('process_resident_memory_bytes'), '{{instance}}']],
    },
    {
      title: 'Event-loop lag',
      description: '99 % of the turns came no later. Above 0.5 s a process has too much to do.',
      unit: 's',
      queries: [[ofQuarry('nodejs_eventloop_lag_p99_seconds'), '{{instance}}']],
    },
    {
      title: 'Dependencies',
      description: '1 while Redis or Zeebe answers.',
      unit: 'short',
      queries: [[`min by (name) (quarry_dependency_up{${NAMESPACE}})`, '{{name}}']],
    },
    {
      title: 'Lanes open',
      description: 'Lanes that each worker serves.',
      unit: 'short',
      queries: [[`sum by (instance) (quarry_lane_open{${NAMESPACE}})`, '{{instance}}']],
    },
    {
      title: 'Faults',
      description: 'Faults in our own work; the log has them.',
      unit: 'short',
      queries: [[orZero(`sum(increase(quarry_faults_total{${NAMESPACE}}[$__rate_interval]))`), 'faults']],
    },
    {
      title: 'Versions',
      description: 'Which version runs where. Several at once: a rollout is under way, or stuck.',
      unit: 'short',
      type: 'table',
      width: 24,
      queries: [[`count by (instance, version) (quarry_build_info{${NAMESPACE}})`, '']],
    },
  ],
}
