// The bedrock role: executes the jobs of the lanes in its regions. It has the AWS role, and access to Camunda's REST API for documents and
// secrets; it sends no commands to Zeebe.

import { whenBudgetsChange } from '../src/budgets/budgets.ts'
import { makeJobRoom } from '../src/execute/job-room.ts'
import { makeReadingPlaces } from '../src/execute/reading-places.ts'
import { makeUnreadPayloads } from '../src/execute/unread-payloads.ts'
import { makeWorkerStop } from '../src/execute/worker-stop.ts'
import type { LaneName } from '../src/job/ids.ts'
import { type Lane, parseLaneName } from '../src/job/lane.ts'
import { makeAnsweredCounts } from '../src/lanes/answered-counts.ts'
import { makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { makeLaneWorkers } from '../src/lanes/queue/lane-workers.ts'
import type { Outage } from '../src/lanes/read-outages.ts'
import { makeExecution } from './execution.ts'
import { laneOpener, lanePace } from './lane-opener.ts'
import { expiryService, makeHearing, outageWatch, reclaimService } from './lane-services.ts'
import { payloadCheck } from './payload-parts.ts'
import { countRecent } from './recent.ts'
import { redisCheck } from './redis-check.ts'
import type { ProcessParts, Role } from './role.ts'
import { inOrder, type Running } from './services.ts'

export function makeBedrock(parts: ProcessParts): Role {
  const { settings, events, redis, keys, registry, store } = parts
  const stop = makeWorkerStop()
  const onError = (error: Error) => events.emit('fault', { where: 'lanes', error })
  const pace = lanePace(parts, (name) => lanes.reopen(name))
  const queues = makeLaneQueues(redis, keys, onError)
  const limitOf = (lane: Lane) => pace.quotaOf(lane).requestsPerMinute
  const leave = (name: LaneName) => lanes.leave(name)
  const unread = makeUnreadPayloads({ gaps: parts.keyGaps, lanes: queues, events, leave })
  const room = makeJobRoom()
  const places = makeReadingPlaces((name) => lanes.runBesides(name, places.inLane(name)))
  const { isServed: served, put: putInto } = queues
  const execution = makeExecution(parts, { limitOf, served, unread, putInto, room, places, stop })
  const { overdue, run, inHand } = execution
  const open = laneOpener(parts, { run, inHand, onError, queues, stopping: stop.insisting, room, pace })
  const lanes = makeLaneWorkers({
    registry,
    regions: settings.regions,
    open,
    hasJobs: queues.hasJobs,
    holdsAny: store.holdsAny,
    isLeft: parts.keyGaps.isLeft,
    events,
    now: Date.now,
  })
  const countAnswered = makeAnsweredCounts(registry)
  events.on('answered', ({ lane }) => countAnswered(lane))
  countRecent(parts, lanes.names)
  // Jobs that wait for a budget check again when it is raised.
  const promote = () => {
    for (const name of lanes.names()) void queues.promoteBudgetWaits(name).catch(onError)
  }
  whenBudgetsChange(events, () => parts.laneRules.current().budgets, promote)
  const outages = outageWatch(parts)
  const reclaim = reclaimService(parts, queues)
  const expiry = expiryService(parts, queues, overdue)
  const serving: Running = { ...lanes, stop: lanes.close }
  const services = inOrder(
    [
      execution.pulse, // the heartbeat of this worker, as long as it runs anything
      makeHearing(parts, lanes, execution.withdraw), // lanes that have jobs, and jobs whose calls must end
      serving, // opens lanes and closes idle ones; stops when no call runs any more, or the grace period is over
      reclaim, // takes jobs back from workers that died
      expiry, // ends jobs that waited too long
      outages, // outages of its lanes, for /health
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

/** An outage for `/health`. */
function shownOutage({ lane, sinceMs, why }: Outage): object {
  const { region, model } = parseLaneName(lane)
  return { lane, region, model, since: new Date(sinceMs).toISOString(), why }
}
