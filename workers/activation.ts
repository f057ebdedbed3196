// The part of the adapter role that takes jobs from Zeebe, puts them into lanes and keeps their leases. Wiring only.

import { makeActivator } from '../src/activate/activator.ts'
import { firstExtension } from '../src/activate/lease-interval.ts'
import { makeJobRecalls } from '../src/activate/recall-jobs.ts'
import { makeStillOurs } from '../src/activate/still-ours.ts'
import { makeAside } from '../src/aside/aside.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { fetchedVariables } from '../src/connector/fetched-variables.ts'
import { makeEnqueuer } from '../src/enqueue/enqueue-jobs.ts'
import { unitsOf } from '../src/job/large-job.ts'
import { TRACE_PARENT } from '../src/job/trace-parent.ts'
import { sharesOf } from '../src/lanes/order/shares.ts'
import { makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { probeWrites } from '../src/redis/probe-writes.ts'
import { isAllowed } from '../src/rules/allowed-lanes.ts'
import { makeResolvedRoute } from '../src/secrets/resolved-route.ts'
import type { SecretResolver } from '../src/secrets/secret-resolver.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { Service } from '../src/time/service.ts'
import { makeAdapterAccount } from './adapter-account.ts'
import { makeGiveBackForNow, makeHandOn } from './held-jobs.ts'
import { type Leases, makeLeases, withSoon } from './leases.ts'
import type { ProcessParts } from './role.ts'
import { makeGoAway, makePlaces, makeRoom, makeRoomSweep } from './room.ts'
import { together } from './services.ts'

/** The stock connector's worker name, so that Operate shows what people know. */
const WORKER_NAME = 'AWS BedRock'

export interface Activation extends Leases {
  /** Take jobs. Those taken are in their lanes, or back with Zeebe, when they have stopped. */
  readonly taking: Service
  /** To be called when no service runs any more. Idempotent. */
  close(): Promise<void>
}

export interface ActivationParts {
  readonly port: JobPort
  readonly secrets: SecretResolver
  /** Outcomes that wait for a partition that takes none. */
  readonly stuck: () => number
}

export function makeActivation(parts: ProcessParts, { port, secrets, stuck }: ActivationParts): Activation {
  const { settings, events, redis, keys } = parts
  const { leaseMs } = settings
  // Without a thread until there is a large job.
  const aside = makeAside()
  const stopping = new AbortController()
  const soon = withSoon(port)
  const queues = makeLaneQueues(redis, keys, (error) =>
    events.emit('fault', { where: 'adding to lanes', error }),
  )
  const room = makeRoom(parts, stuck)
  const places = makePlaces(parts, room)
  const recalls = makeJobRecalls({ port: soon, recall: room.recall, forget: room.forget, events })
  const enqueuer = makeEnqueuer({
    ...parts,
    queues,
    account: makeAdapterAccount(parts),
    route: makeResolvedRoute(secrets, settings.compatibility, { aside }),
    pack: (job, id) => {
      const how = { codec: parts.codec.plan(), rescue: settings.documents.rescue === 'true' }
      return aside.run('pack', { units: unitsOf(job), owner: job }, job, id, how)
    },
    room,
    places,
    allows: (tenantId, lane) => isAllowed(parts.laneRules.current().allow, tenantId, lane),
    sharesOf: (tenantId, bpmnProcessId) => sharesOf(parts.laneRules.current(), tenantId, bpmnProcessId),
    stillOurs: makeStillOurs(soon),
    leaseMs,
    leaseDueMs: (job) => firstExtension(leaseMs, job.leaseMs),
    now: Date.now,
    stopping: stopping.signal,
  })
  const goAway = makeGoAway(soon, room)
  const roomSweep = makeRoomSweep(parts, { queues, room, places, goAway })
  const activator = makeActivator({
    port,
    request: {
      type: settings.jobType,
      worker: WORKER_NAME,
      timeoutMs: leaseMs,
      fetchVariables: variablesToFetch(settings, parts.tracing.on),
      tenantIds: settings.zeebe.tenantIds,
    },
    maxBacklog: settings.maxBacklog,
    // A Redis that takes no changes takes no jobs, nor do others what is not encrypted as theirs is: they wait in Zeebe.
    room: async (arriving) => {
      await probeWrites(redis, keys)
      return (await parts.keyGaps.unwelcome()) ? 0 : room.fits(arriving)
    },
    awayMs: room.leaseAway,
    handOn: makeHandOn(parts, { port: soon, enqueuer, goAway, stopping: stopping.signal }),
    // Their answers come behind the large jobs that are on their way here: they are waited for as long as any command is.
    giveBack: makeGiveBackForNow(parts, port),
    events,
    random: Math.random,
  })
  const taking = together('taking jobs', [roomSweep, recalls, activator])
  return {
    ...makeLeases(parts, port, queues),
    taking: {
      ...taking,
      stop() {
        stopping.abort()
        return taking.stop()
      },
    },
    async close() {
      await Promise.all([queues.close(), aside.close()])
    },
  }
}

/** What is not asked for, Zeebe does not send. */
export function variablesToFetch({ compatibility, tracing }: Settings, isTraced: boolean): readonly string[] {
  return [...fetchedVariables(compatibility), ...(isTraced && tracing.fromVariables ? [TRACE_PARENT] : [])]
}
