// Takes jobs beyond its share out of a lane that does not move, the newest first, so that others have room. First out of the lane, then
// out of the record: if the adapter dies between the two, the job is in no lane, and is called back.
import type { LaneName } from '../job/ids.ts'
import type { Leaving } from '../lanes/away/away-store.ts'
import type { LaneRest, RestingJob } from '../lanes/order/lane-rest.ts'
import type { BudgetWaits } from '../lanes/queue/budget-waits.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { Events } from '../telemetry/events.ts'
import type { AwayJob } from './enqueue-jobs.ts'
import type { LanePlaces } from './lane-places.ts'
import type { Excess, LaneRoom } from './lane-room.ts'

export interface GiveBackParts {
  readonly room: Pick<LaneRoom, 'excess' | 'still' | 'groupOf' | 'timesAway' | 'timesRefused'>
  readonly places: Pick<LanePlaces, 'freeSome' | 'inTheWay'>
  readonly rest: LaneRest
  readonly queues: Pick<LaneQueues, 'remove'>
  readonly waits: Pick<BudgetWaits, 'remove'>
  readonly store: Pick<JobStore, 'abandon'>
  readonly events: Events
}

/** From one lane in one round. The next round is a second later. */
const MOST_AT_ONCE = 200
/** Pages of a lane that are searched for the jobs of one tenant. */
const MOST_PAGES = 10

/** Takes out what lanes hold beyond their share. Resolves with the jobs that must go back to Zeebe. */
export function makeGiveBack(parts: GiveBackParts): () => Promise<readonly AwayJob[]> {
  return async () => {
    const { room, places } = parts
    const given: AwayJob[] = []
    await places.freeSome()
    for (const excess of await room.excess()) given.push(...(await giveBack(parts, excess)))
    for (const excess of await room.still(await places.inTheWay()))
      given.push(...(await giveUp(parts, excess)))
    return given
  }
}

async function giveBack(parts: GiveBackParts, excess: Excess): Promise<readonly AwayJob[]> {
  const { room } = parts
  const { lane, of } = excess
  const last = await lastOf(parts.rest, excess)
  const gone = await Promise.all(last.map((job) => takeOut(parts, lane, job)))
  const out = last.filter((_, index) => gone[index])
  const leaving = out.map((job) => ({ ...leave(job), group: room.groupOf(lane, of, job.tenantId) }))
  const times = room.timesAway(lane, leaving)
  return leaving.map((job, index) => ({ ...job, awayMs: times[index] ?? 0, told: true }))
}

/** Gives up a whole lane, so no order is kept for its jobs. */
async function giveUp(parts: GiveBackParts, excess: Excess): Promise<readonly AwayJob[]> {
  const last = await lastOf(parts.rest, excess)
  const gone = await Promise.all(last.map((job) => takeOut(parts, excess.lane, job)))
  const times = parts.room.timesRefused(last.length)
  const out = last.map((job, index) => ({
    ...leave(job),
    group: null,
    awayMs: times[index] ?? 0,
    told: true,
  }))
  return out.filter((_, index) => gone[index])
}

/** Jobs that were held are older than those sent away on arrival: their order is the time of acceptance, µs. */
function leave({ key, sinceMs }: RestingJob): Omit<Leaving, 'awayMs'> {
  return { key, sinceMs, order: sinceMs * 1_000 }
}

async function lastOf(rest: LaneRest, { lane, jobs, of }: Excess): Promise<readonly RestingJob[]> {
  const found: RestingJob[] = []
  const most = Math.min(jobs, MOST_AT_ONCE)
  const wanted = (job: RestingJob): boolean => typeof of === 'string' || job.tenantId === of.tenantId
  for (let page = 0; page < MOST_PAGES && found.length < most; page += 1) {
    const some = await rest.page(lane, of === 'delayed' ? 'delayed' : 'waiting', page)
    if (some === null) break
    found.push(...some.filter(wanted))
  }
  return found.slice(0, most)
}

async function takeOut(
  { queues, waits, store, events }: GiveBackParts,
  lane: LaneName,
  { id, key, epoch, processId }: RestingJob,
): Promise<boolean> {
  if (!(await queues.remove(lane, id))) return false
  await waits.remove(lane, [id])
  const gone = await store.abandon(key, epoch)
  if (gone) events.emit('returned', { jobKey: key, processId, lane, reason: 'laneExcess' })
  return gone
}
