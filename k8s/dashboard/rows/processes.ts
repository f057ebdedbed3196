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
      description: '99th percentile. Above 0.5 s a process has too much to do.',
      unit: 's',
      queries: [[ofQuarry('nodejs_eventloop_lag_p99_seconds'), '{{instance}}']],
    },
    {
      title: 'Dependencies',
      description: '1 while the dependency works.',
      unit: 'short',
      queries: [[`min by (name) (quarry_dependency_up{${NAMESPACE}})`, '{{name}}']],
    },
    {
      title: 'Lanes served',
      description: 'Lanes that each worker serves now.',
      unit: 'short',
      queries: [[`sum by (instance) (quarry_lane_open{${NAMESPACE}})`, '{{instance}}']],
    },
    {
      title: 'Faults',
      description: 'Errors in Quarry itself; the log has each.',
      unit: 'short',
      queries: [[orZero(`sum(increase(quarry_faults_total{${NAMESPACE}}[$__rate_interval]))`), 'faults']],
    },
    {
      title: 'Versions',
      description: 'The version of each process. Several at once: a rollout is under way, or stuck.',
      unit: 'short',
      type: 'table',
      width: 24,
      queries: [[`count by (instance, version) (quarry_build_info{${NAMESPACE}})`, '']],
    },
  ],
}
