// The part of the adapter role that keeps the leases of jobs that it holds, and lets go of those that are lost. Wiring only.
import { makeLeaseSweep } from '../src/activate/lease-sweep.ts'
import { makeDestinationHealth } from '../src/camunda/destination-health.ts'
import { makeExtendSoon } from '../src/camunda/extend-soon.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import type { LaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { tellOfPartitions } from '../src/telemetry/partitions-away.ts'
import type { Service } from '../src/time/service.ts'
import { makePresent, makeStrays, makeWithdraw } from './held-jobs.ts'
import type { ProcessParts } from './role.ts'

const CLOCK = { now: performance.now.bind(performance), random: Math.random }

export interface Leases {
  readonly extending: Service
  readonly strays: Service
}

export function makeLeases(parts: ProcessParts, port: JobPort, queues: LaneQueues): Leases {
  const { events, leases, settings, store } = parts
  const extending = makeLeaseSweep({
    port,
    events,
    leaseMs: settings.leaseMs,
    leases,
    random: CLOCK.random,
    health: makeDestinationHealth({ ...CLOCK, ...tellOfPartitions(events, 'leases') }),
    held: async () => (await store.backlog()).held,
    present: makePresent(parts, queues),
    withdraw: makeWithdraw(parts, queues),
  })
  return { extending, strays: makeStrays(parts, withSoon(port), queues) }
}

/** The port with extensions that a batch of jobs can wait for. */
export function withSoon(port: JobPort): JobPort {
  return { ...port, ...makeExtendSoon(port, makeDestinationHealth(CLOCK)) }
}
