// The part of the adapter role that takes jobs from Zeebe, puts them into lanes and keeps their leases. Wiring only.
import { makeActivator } from '../src/activate/activator.ts'
import { firstExtension } from '../src/activate/lease-interval.ts'
import { makeStillOurs } from '../src/activate/still-ours.ts'
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
import { makeHandOn } from './held-jobs.ts'
import { makeLeases, withSoon } from './leases.ts'
import type { ProcessParts } from './role.ts'

/** The stock connector's worker name, so that Operate shows what people know. */
const WORKER_NAME = 'AWS BedRock'

export interface Activation {
  start(): void
  /** Takes no more jobs; those taken are in their lanes, or back with Zeebe, when it resolves. Idempotent. */
  quiesce(): Promise<void>
  /** Lets the leases go, too. Idempotent. */
  stop(): Promise<void>
}

export function makeActivation(parts: ProcessParts, port: JobPort, secrets: SecretResolver): Activation {
  const { settings, events, redis, keys, registry, store } = parts
  const { leaseMs } = settings
  const stopping = new AbortController()
  const soon = withSoon(port)
  const queues = makeLaneQueues(redis, keys, (error) =>
    events.emit('fault', { where: 'adding to lanes', error }),
  )
  const room = makeLaneRoom({
    depth: queues.depth,
    answered: registry.answered,
    draining: makeWishStore(redis, keys).isDraining,
    ...laneBounds(settings),
    now: performance.now.bind(performance),
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
  const kept = makeLeases(parts, port, queues)
  return {
    start() {
      activator.start()
      kept.start()
    },
    quiesce() {
      stopping.abort()
      return activator.stop()
    },
    async stop() {
      await activator.stop()
      await kept.stop()
      await queues.close()
    },
  }
}

/** What a lane may hold: three quarters of the backlog, unless it is set. What was on its way may fill half of the rest. */
function laneBounds({ maxBacklog, maxLaneBacklog }: Settings): { share: number; most: number } {
  const share = maxLaneBacklog ?? Math.ceil(0.75 * maxBacklog)
  return { share, most: share + Math.max(0, Math.floor((maxBacklog - share) / 2)) }
}
