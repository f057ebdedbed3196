// Redis.
import type { Row } from '../panel.ts'
import { NAMESPACE, orZero, sumOfShared } from '../selectors.ts'

export const redis: Row = {
  title: 'Redis',
  panels: [
    {
      title: 'Memory',
      description:
        'Used memory, the limit of Redis (0 for none), and the size of jobs and outcomes before compression.',
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
      title: 'Queues, as counted by BullMQ',
      description: 'Jobs of all queues by state, under BullMQ’s names.',
      unit: 'short',
      width: 12,
      queries: [[sumOfShared('bullmq_job_count', NAMESPACE, ['queue', 'state'], 'state'), '{{state}}']],
    },
    {
      title: 'Oldest job, as counted by BullMQ',
      description: 'Age of the oldest job of each queue.',
      unit: 's',
      width: 12,
      queries: [[`max by (queue) (bullmq_queue_oldest_job_age_seconds{${NAMESPACE}})`, '{{queue}}']],
    },
    {
      title: 'Redis version',
      description: 'Version, persistence and eviction policy. The policy must be noeviction.',
      unit: 'short',
      type: 'table',
      width: 20,
      queries: [
        [`max by (kind, version, eviction_policy, persistence) (quarry_redis_info{${NAMESPACE}})`, ''],
      ],
    },
    {
      title: 'Payloads encrypted',
      description: '0: a process stores prompts in Redis unencrypted (QUARRY_PAYLOAD_KEY).',
      unit: 'short',
      type: 'stat',
      queries: [[`min(quarry_payloads_encrypted{${NAMESPACE}})`, 'encrypted']],
    },
  ],
}
