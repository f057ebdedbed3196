// The part of the adapter role that takes jobs from Zeebe, puts them into lanes and keeps their leases. Wiring only.
import { makeActivator } from '../src/activate/activator.ts'
import { firstExtension } from '../src/activate/lease-interval.ts'
import { makeJobRecalls } from '../src/activate/recall-jobs.ts'
import { makeStillOurs } from '../src/activate/still-ours.ts'
import { type Aside, makeAside } from '../src/aside/aside.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { type EnqueueParts, makeEnqueuer } from '../src/enqueue/enqueue-jobs.ts'
import { unitsOf } from '../src/job/large-job.ts'
import { sharesOf } from '../src/lanes/order/shares.ts'
import { makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { probeWrites } from '../src/redis/probe-writes.ts'
import { isAllowed } from '../src/rules/allowed-lanes.ts'
import { makeResolvedLaneInputs } from '../src/secrets/resolved-lane-inputs.ts'
import type { SecretResolver } from '../src/secrets/secret-resolver.ts'
import type { Service } from '../src/time/service.ts'
import { activationRequest } from './activation-request.ts'
import { makeAdapterAccount } from './adapter-account.ts'
import { byLine, lineNow } from './connector-line.ts'
import { makeGiveBackForNow, makeHandOn } from './held-jobs.ts'
import { type Leases, makeLeases, withSoon } from './leases.ts'
import type { ProcessParts } from './role.ts'
import { makeGoAway, makePlaces, makeRoom, makeRoomSweep } from './room.ts'
import { together } from './services.ts'

export interface Activation extends Leases {
  /** Take jobs. Once stopped, the jobs they took are in their lanes, or back with Zeebe. */
  readonly taking: Service
  /** Call when no service runs any more. Idempotent. */
  close(): Promise<void>
}

interface ActivationParts {
  readonly port: JobPort
  readonly secrets: SecretResolver
  /** Outcomes that wait for a partition that takes no commands. */
  readonly stuck: () => number
}

export function makeActivation(parts: ProcessParts, { port, secrets, stuck }: ActivationParts): Activation {
  const { settings, events, redis, keys, store, codec, tracing } = parts
  // Has no thread until there is a large job.
  const aside = makeAside()
  const stopping = new AbortController()
  const soon = withSoon(port)
  const queues = makeLaneQueues(redis, keys, (error) =>
    events.emit('fault', { where: 'adding to lanes', error }),
  )
  const room = makeRoom(parts, stuck)
  const places = makePlaces(parts, room)
  const laneInputs = byLine((line) => makeResolvedLaneInputs(secrets, line, { aside }))
  const recalls = makeJobRecalls({ port: soon, room, events })
  const enqueuer = makeEnqueuer({
    store,
    codec,
    events,
    tracing,
    queues,
    account: makeAdapterAccount(parts),
    laneInputs: (job) => laneInputs(lineNow(parts))(job),
    pack: makePack(parts, aside),
    room,
    places,
    allows: (tenantId, lane) => isAllowed(parts.laneRules.current().allow, tenantId, lane),
    sharesOf: (tenantId, bpmnProcessId) => sharesOf(parts.laneRules.current(), tenantId, bpmnProcessId),
    stillOurs: makeStillOurs(soon),
    leaseMs: settings.leaseMs,
    foundMs: settings.maxWaitMs + settings.jobHistoryMs + 2 * settings.leaseMs,
    leaseDueMs: (job) => firstExtension(settings.leaseMs, job.leaseMs),
    now: Date.now,
    stopping: stopping.signal,
  })
  const goAway = makeGoAway(soon, room)
  const roomSweep = makeRoomSweep(parts, { queues, room, places, goAway })
  const activator = makeActivator({
    port,
    request: activationRequest(parts),
    maxBacklog: settings.maxBacklog,
    // Jobs stay in Zeebe while Redis takes no writes, while other processes encrypt and this one does not, and until their line is known.
    room: async (arriving) => {
      if (parts.line.current() === null) return 0
      await probeWrites(redis, keys)
      return (await parts.keyGaps.unwelcome()) ? 0 : room.fits(arriving)
    },
    awayMs: room.leaseAway,
    handOn: makeHandOn(parts, { port: soon, enqueuer, goAway, stopping: stopping.signal }),
    // `port` and not `soon`: the answers come behind large jobs on the same connection, so they may take as long as any command.
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

function makePack(parts: ProcessParts, aside: Aside): EnqueueParts['pack'] {
  const { codec, settings } = parts
  const rescue = settings.documents.rescue === 'true'
  return (job, id) =>
    aside.run('pack', { units: unitsOf(job), owner: job }, { ...job, line: lineNow(parts) }, id, {
      codec: codec.plan(),
      rescue,
    })
}
