// The bedrock role: executes the jobs of the lanes in its regions. It has the AWS role, and access to Camunda's REST API for documents and
// secrets; it sends no commands to Zeebe.

import { whenBudgetsChange } from '../src/budgets/budgets.ts'
import { makeOutageWatch } from '../src/control/outage-watch.ts'
import { makeExpirySweep } from '../src/execute/expire-waiting.ts'
import { makeJobRoom } from '../src/execute/job-room.ts'
import { makeReadingPlaces } from '../src/execute/reading-places.ts'
import { makeUnreadPayloads } from '../src/execute/unread-payloads.ts'
import { makeWorkerStop } from '../src/execute/worker-stop.ts'
import type { LaneName } from '../src/job/ids.ts'
import { type Lane, parseLaneName } from '../src/job/lane.ts'
import { type LaneQueues, makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { type LaneWorkers, makeLaneWorkers } from '../src/lanes/queue/lane-workers.ts'
import { makeReclaim } from '../src/lanes/queue/reclaim-jobs.ts'
import { type Outage, readOutages } from '../src/lanes/read-outages.ts'
import { servesRegions } from '../src/lanes/served-lanes.ts'
import { closeRedis } from '../src/redis/connect.ts'
import type { Service, ServiceFault } from '../src/time/service.ts'
import { type Execution, makeExecution } from './execution.ts'
import { laneOpener, lanePace } from './lane-opener.ts'
import { payloadCheck } from './payload-parts.ts'
import { redisCheck } from './redis-check.ts'
import { makePutInto } from './request-lanes.ts'
import type { ProcessParts, Role } from './role.ts'
import { inOrder, type Running } from './services.ts'

export function makeBedrock(parts: ProcessParts): Role {
  const { settings, events, redis, keys, registry } = parts
  const stop = makeWorkerStop()
  const onError = (error: Error) => events.emit('fault', { where: 'lanes', error })
  const pace = lanePace(parts, (name) => lanes.reopen(name))
  const queues = makeLaneQueues(redis, keys, onError)
  const limitOf = (lane: Lane) => pace.quotaOf(lane).requestsPerMinute
  const leave = (name: LaneName) => lanes.leave(name)
  const unread = makeUnreadPayloads({ gaps: parts.keyGaps, lanes: queues, events, leave })
  const putInto = makePutInto(registry, queues)
  const room = makeJobRoom()
  const places = makeReadingPlaces((name) => lanes.runBesides(name, places.inLane(name)))
  const served = queues.isServed
  const execution = makeExecution(parts, { limitOf, served, unread, putInto, room, places, stop })
  const { overdue, run } = execution
  const open = laneOpener(parts, { run, onError, stopping: stop.insisting, room, pace })
  const lanes = makeLaneWorkers({
    registry,
    regions: settings.regions,
    open,
    depth: queues.depth,
    isLeft: parts.keyGaps.isLeft,
    events,
    now: Date.now,
  })
  // Only measures how fast a lane moves: a lost count does no harm.
  events.on('answered', ({ lane }) => void registry.countAnswered(lane).catch(() => undefined))
  // Jobs that wait for a budget check again when it is raised.
  const promote = () => {
    for (const name of lanes.names()) void queues.promoteBudgetWaits(name).catch(onError)
  }
  whenBudgetsChange(events, () => parts.laneRules.current().budgets, promote)
  const outages = makeOutageWatch({ events, read: (names) => readOutages(redis, keys, names) })
  const reclaim = reclaimService(parts, queues)
  const expiry = expiryService(parts, queues, overdue)
  const serving: Running = { ...lanes, stop: lanes.close }
  const services = inOrder(
    [
      execution.pulse, // says that this worker lives, and what it runs, for as long as it runs anything
      makeHearing(parts, lanes, execution.withdraw), // of lanes that have jobs, and jobs whose calls are to end
      serving, // opens lanes and closes idle ones; ends when no call runs any more, or the grace period is over
      reclaim, // takes jobs back from workers that died
      expiry, // of jobs that wait for too long
      outages, // of its lanes, for /health
    ],
    events,
  )
  return {
    needs: [redisCheck(parts), payloadCheck(parts)],
    about: () => ({ outages: outages.outages().map(shownOutage) }),
    start: services.start,
    quiesce() {
      stop.leave()
      return lanes.pause()
    },
    async stop(graceMs) {
      const timer = setTimeout(() => stop.cut(), graceMs)
      await services.stop(graceMs)
      clearTimeout(timer)
      await queues.close()
      await execution.close()
    },
  }
}

function makeHearing(
  { settings, keys, registry, leases, connect }: ProcessParts,
  lanes: LaneWorkers,
  withdraw: Execution['withdraw'],
): Running {
  const listening = connect(servesRegions(keys.prefix, settings.regions))
  return {
    name: 'listening for lanes with jobs, and for jobs that Zeebe no longer has',
    async start() {
      await registry.subscribe(listening, lanes)
      await leases.subscribe(listening, withdraw)
    },
    stop: () => closeRedis(listening),
  }
}

function expiryService(
  { store, codec, events, tracing, settings: { maxWaitMs, leaseMs } }: ProcessParts,
  lanes: LaneQueues,
  overdue: Execution['overdue'],
): Service {
  return makeExpirySweep({ store, codec, events, tracing, lanes, maxWaitMs, leaseMs, overdue })
}

function reclaimService({ redis, keys, registry, name, events }: ProcessParts, queues: LaneQueues): Service {
  const onFault = (fault: ServiceFault) => events.emit('fault', fault)
  return makeReclaim({ redis, keys, registry, queues, name, onFault })
}

/** An outage for `/health`. */
function shownOutage({ lane, sinceMs, why }: Outage): object {
  const { region, model } = parseLaneName(lane)
  return { lane, region, model, since: new Date(sinceMs).toISOString(), why }
}
