// Redis, where the jobs are.
import type { Row } from '../panel.ts'
import { NAMESPACE, orZero, sumOfShared } from '../selectors.ts'

export const redis: Row = {
  title: 'Redis',
  panels: [
    {
      title: 'Memory',
      description: 'Used, the bound of Redis (0: none), and what jobs and outcomes take before compression.',
      unit: 'bytes',
      queries: [
        [`max(quarry_redis_memory_used_bytes{${NAMESPACE}})`, 'used'],
        [`max(quarry_redis_memory_max_bytes{${NAMESPACE}})`, 'bound'],
        [`max(quarry_backlog_bytes{${NAMESPACE}})`, 'jobs and outcomes'],
      ],
    },
    {
      title: 'Latency',
      description: 'Round trip of one command from the ops process.',
      unit: 's',
      queries: [[`max(quarry_redis_latency_seconds{${NAMESPACE}})`, 'round trip']],
    },
    {
      title: 'Evicted keys',
      description: 'Must stay 0: an evicted key is a lost job.',
      unit: 'short',
      queries: [
        [orZero(`max(increase(quarry_redis_evicted_keys_total{${NAMESPACE}}[$__rate_interval]))`), 'evicted'],
      ],
    },
    {
      title: 'Queues as BullMQ counts',
      description: 'Jobs of all queues by state, under the names of BullMQ.',
      unit: 'short',
      width: 12,
      queries: [[sumOfShared('bullmq_job_count', NAMESPACE, ['queue', 'state'], 'state'), '{{state}}']],
    },
    {
      title: 'Oldest job as BullMQ counts',
      description: 'Age of the oldest job of each queue.',
      unit: 's',
      width: 12,
      queries: [[`max by (queue) (bullmq_queue_oldest_job_age_seconds{${NAMESPACE}})`, '{{queue}}']],
    },
    {
      title: 'Which Redis',
      description: 'Its version, and how it keeps what it holds. The policy must be noeviction.',
      unit: 'short',
      type: 'table',
      width: 20,
      queries: [
        [`max by (kind, version, eviction_policy, persistence) (quarry_redis_info{${NAMESPACE}})`, ''],
      ],
    },
    {
      title: 'Payloads encrypted',
      description:
        '0: a process puts prompts into Redis in a form that can be read there (QUARRY_PAYLOAD_KEY).',
      unit: 'short',
      type: 'stat',
      queries: [[`min(quarry_payloads_encrypted{${NAMESPACE}})`, 'encrypted']],
    },
  ],
}
