// The part of the adapter role that takes jobs from Zeebe, puts them into lanes and keeps their leases. Wiring only.
import { makeActivator } from '../src/activate/activator.ts'
import { firstExtension } from '../src/activate/lease-interval.ts'
import { makeLeaseSweep } from '../src/activate/lease-sweep.ts'
import { makeStillOurs } from '../src/activate/still-ours.ts'
import { makeDestinationHealth } from '../src/camunda/destination-health.ts'
import { makeExtendSoon } from '../src/camunda/extend-soon.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { fetchedVariables } from '../src/connector/fetched-variables.ts'
import { storedVariables } from '../src/connector/stored-variables.ts'
import { makeEnqueuer } from '../src/enqueue/enqueue-jobs.ts'
import { makeLaneQueues } from '../src/enqueue/lane-queues.ts'
import { makeLaneRoom } from '../src/enqueue/lane-room.ts'
import { TRACE_PARENT } from '../src/job/trace-parent.ts'
import { processWeight } from '../src/pace/flow.ts'
import { probeWrites } from '../src/redis/probe-writes.ts'
import { makeWishStore } from '../src/redis/wish-store.ts'
import { makeResolvedRoute } from '../src/secrets/resolved-route.ts'
import type { SecretResolver } from '../src/secrets/secret-resolver.ts'
import type { Settings } from '../src/settings/settings.ts'
import { tellOfPartitions } from '../src/telemetry/partitions-away.ts'
import { makeHandOn, makePresent, makeStrays, makeWithdraw } from './held-jobs.ts'
import type { ProcessParts } from './role.ts'

/** The stock connector's worker name, so that Operate shows what people know. */
const WORKER_NAME = 'AWS BedRock'
const CLOCK = { now: performance.now.bind(performance), random: Math.random }

export interface Activation {
  start(): void
  /** Takes no more jobs; those taken are in their lanes, or back with Zeebe, when it resolves. Idempotent. */
  quiesce(): Promise<void>
  /** Lets the leases go, too. Idempotent. */
  stop(): Promise<void>
}

export function makeActivation(parts: ProcessParts, port: JobPort, secrets: SecretResolver): Activation {
  const { settings, events, redis, keys, registry, store, leases } = parts
  const { leaseMs } = settings
  const stopping = new AbortController()
  const soon = { ...port, ...makeExtendSoon(port, makeDestinationHealth(CLOCK)) }
  const queues = makeLaneQueues(redis, keys, (error) =>
    events.emit('fault', { where: 'adding to lanes', error }),
  )
  const room = makeLaneRoom({
    depth: queues.depth,
    answered: registry.answered,
    draining: makeWishStore(redis, keys).isDraining,
    ...laneBounds(settings),
    now: CLOCK.now,
  })
  const enqueuer = makeEnqueuer({
    ...parts,
    queues,
    route: makeResolvedRoute(secrets),
    stored: (variables) => storedVariables(variables, { rescue: settings.documents.rescue === 'true' }),
    room,
    weightOf: (tenantId, bpmnProcessId) =>
      processWeight(parts.laneRules.current().weights, tenantId, bpmnProcessId),
    stillOurs: makeStillOurs(soon),
    leaseMs,
    leaseDueMs: (job) => firstExtension(leaseMs, job.leaseMs),
    now: Date.now,
    stopping: stopping.signal,
  })
  const activator = makeActivator({
    port,
    request: {
      type: settings.jobType,
      worker: WORKER_NAME,
      timeoutMs: leaseMs,
      fetchVariables: [
        ...fetchedVariables(settings.compatibility),
        ...(parts.tracing.on ? [TRACE_PARENT] : []),
      ],
      tenantIds: settings.zeebe.tenantIds,
    },
    bounds: { jobs: settings.maxBacklog, bytes: settings.maxBacklogBytes },
    backlog: store.backlog,
    // A Redis that takes no changes takes no jobs: they wait in Zeebe.
    holding: () => probeWrites(redis, keys).then(room.holding),
    handOn: makeHandOn(parts, { port: soon, enqueuer, stopping: stopping.signal }),
    events,
    random: Math.random,
  })
  const strays = makeStrays(parts, soon, queues)
  const sweep = makeLeaseSweep({
    ...{ port, events, leaseMs, leases, random: CLOCK.random },
    health: makeDestinationHealth({ ...CLOCK, ...tellOfPartitions(events, 'leases') }),
    held: async () => (await store.backlog()).held,
    present: makePresent(parts, queues),
    withdraw: makeWithdraw(parts, queues),
  })
  return {
    start() {
      for (const loop of [activator, sweep, strays]) loop.start()
    },
    quiesce() {
      stopping.abort()
      return activator.stop()
    },
    async stop() {
      await activator.stop()
      await Promise.all([sweep.stop(), strays.stop()])
      await queues.close()
    },
  }
}

/** What a lane may hold: three quarters of the backlog, unless it is set. What was on its way may fill half of the rest. */
function laneBounds({ maxBacklog, maxLaneBacklog }: Settings): { share: number; most: number } {
  const share = maxLaneBacklog ?? Math.ceil(0.75 * maxBacklog)
  return { share, most: share + Math.max(0, Math.floor((maxBacklog - share) / 2)) }
}
