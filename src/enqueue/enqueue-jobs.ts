// Stage 2: activated jobs into their lanes. Accepts first (job state, atomic), adds to the lane second: a crash
// between the two leaves a queued state without a queued job, and the next activation, which adopts it, adds it.

import type { ActivatedJob, LeasedJob } from '../job/activated-job.ts'
import { elementTemplate } from '../job/element-template.ts'
import type { LaneName } from '../job/ids.ts'
import type { JsonValue } from '../job/json.ts'
import { type Lane, laneName, UNROUTABLE } from '../job/lane.ts'
import { LARGE_UNITS, unitsOf } from '../job/large-job.ts'
import { ownMaxWait } from '../job/max-wait.ts'
import { splitOwnVariable } from '../job/own-variable.ts'
import { type QueuedJob, queuedJob, queuedJobId } from '../job/queued-job.ts'
import { type LaneInputs, requestLane } from '../job/request-lane.ts'
import type { AwayGroup, Leaving } from '../lanes/away/away-store.ts'
import type { Place } from '../lanes/order/fair-order.ts'
import { jobTurn } from '../lanes/order/flow.ts'
import { jobPriority } from '../lanes/order/job-priority.ts'
import type { Shares } from '../lanes/order/shares.ts'
import type { LaneQueues, NewQueuedJob } from '../lanes/queue/lane-queues.ts'
import type { Accepted, JobStore } from '../ledger/job-store.ts'
import type { InputHashes } from '../payload/input-hash.ts'
import type { PayloadCodec } from '../payload/payload-codec.ts'
import { retryUntilStopped } from '../redis/retry-until-stopped.ts'
import type { Events } from '../telemetry/events.ts'
import { timed } from '../telemetry/loop-work.ts'
import { jobInLane, ofJob } from '../telemetry/named-job.ts'
import { errorName, type Span, type Tracing } from '../telemetry/tracing.ts'
import { letOthersRun } from '../time/let-others-run.ts'
import { leaveFor } from './away-jobs.ts'
import { type Activation, endAll, startActivation, startEnqueue } from './enqueue-spans.ts'
import type { LanePlaces } from './lane-places.ts'
import type { LaneRoom } from './lane-room.ts'

export interface EnqueueParts {
  readonly store: JobStore
  readonly queues: Pick<LaneQueues, 'add' | 'register'>
  readonly codec: PayloadCodec
  readonly events: Events
  readonly tracing: Tracing
  /** Where a job's variables send it. Never rejects, never takes long. */
  readonly laneInputs: (job: ActivatedJob) => Promise<LaneInputs>
  /** The account for a lane's name, by the credential that a diagram or a rule names. */
  readonly account: (job: ActivatedJob, inputs: LaneInputs) => Promise<string>
  readonly room: Pick<LaneRoom, 'take' | 'timesAway' | 'timesRefused' | 'why'>
  readonly places: Pick<LanePlaces, 'admits'>
  /** Whether a tenant's jobs may use a lane. If not, the lane is not created, and the worker fails the job with the reason. */
  readonly allows: (tenantId: string, lane: Lane) => boolean
  /** The weight of a tenant's process in its lane, and the limits of what its jobs may ask for, now. */
  readonly sharesOf: (tenantId: string, bpmnProcessId: string) => Shares
  /** Asks Zeebe whether a job whose lease seems to have ended may still be executed. */
  readonly stillOurs: (job: LeasedJob) => Promise<boolean>
  /** ms from now until a job's lease must be extended. */
  readonly leaseDueMs: (job: LeasedJob) => number
  /**
   * The longest lease of an activation, ms. The later one of two activations is found by the deadlines that they would have with this
   * lease, whatever lease each of them got.
   */
  readonly leaseMs: number
  /** How long a job is found by its process instance, ms. @default 0, it is not */
  readonly foundMs?: number
  /** The stored form of a job, under its id in the queue. It may leave variables out; the input hashes cover all of them. */
  readonly pack: (job: QueuedJob, id: string) => Promise<string>
  /** ms since the epoch. */
  readonly now: () => number
  /** Aborted when putting jobs into lanes is no longer retried. */
  readonly stopping: AbortSignal
}

export interface Enqueuer {
  /**
   * Puts activated jobs into their lanes. Resolves with those refused, because their lane has its share of the backlog or is drained.
   * When it rejects, the caller must return the jobs; their `returned` events are already emitted.
   */
  enqueue(jobs: readonly LeasedJob[]): Promise<readonly AwayJob[]>
}

/** A job that must go back to Zeebe. */
export interface AwayJob extends Leaving {
  /** The group in whose order it waits; null: in none, it comes back by itself. */
  readonly group: AwayGroup | null
  /** Whether Zeebe must be told when the job comes back; otherwise its lease ends about then. */
  readonly told: boolean
}

interface Assigned {
  readonly job: LeasedJob
  /** The job without the variables that only Quarry reads. */
  readonly plain: LeasedJob
  readonly span: Span
  readonly place: Place
  readonly lane: LaneName
  /** Shows whether Zeebe asks for the same again. */
  readonly hashes: InputHashes
  /** Since when it was held before it went back to Zeebe for want of room, ms since the epoch; null if it was not. */
  readonly sinceMs: number | null
}

export function makeEnqueuer(parts: EnqueueParts): Enqueuer {
  return {
    async enqueue(jobs) {
      const activations = jobs.map((job) => startActivation(parts.tracing, job))
      try {
        // The synchronous part of each runs one after another, with turns for others in between: a hundred jobs of 4 MB would
        // block all leases and reports of this adapter for minutes.
        const assigning: Promise<Assigned>[] = []
        for (const activation of activations) {
          await letOthersRun()
          const each = assignLane(parts, activation)
          // Its rejection is handled below, with all others.
          each.catch(() => undefined)
          assigning.push(each)
        }
        const assigned = await Promise.all(assigning)
        const { taken, left } = await takeRoom(parts, assigned)
        await accept(parts, taken)
        return left
      } catch (error) {
        for (const { job, span } of activations) {
          span.failed(errorName(error))
          span.run(() => parts.events.emit('returned', { ...ofJob(job), reason: 'notQueued' }))
        }
        throw error
      } finally {
        endAll(activations)
      }
    },
  }
}

async function assignLane(parts: EnqueueParts, { job, variables, span }: Activation): Promise<Assigned> {
  const { plain, own, assigning, hashes } = timed({ ...ofJob(job), stage: 'route' }, () => {
    const { own, others } = splitOwnVariable(variables)
    const plain = { ...job, variables: others }
    return { plain, own, assigning: parts.laneInputs(plain), hashes: parts.codec.hashes(plain) }
  })
  const inputs = await assigning
  const asked = requestLane(inputs, await parts.account(plain, inputs))
  const lane = laneName(parts.allows(job.tenantId, asked) ? asked : UNROUTABLE)
  return { job, plain, span, place: span.run(() => placeOf(parts, job, own)), lane, hashes, sinceMs: null }
}

function placeOf({ sharesOf, events }: EnqueueParts, job: LeasedJob, own: JsonValue | undefined): Place {
  const { weights, limits } = sharesOf(job.tenantId, job.bpmnProcessId)
  const { factor, unread } = jobPriority(job.customHeaders, own, limits)
  const { key: jobKey, bpmnProcessId: processId, elementId } = job
  if (unread !== null) events.emit('priorityUnread', { jobKey, processId, elementId, from: unread })
  return jobTurn(job, weights, factor)
}

/** Known jobs bypass the lane limit: they are already counted, or must be added again after a crash. */
async function takeRoom(
  parts: EnqueueParts,
  assigned: readonly Assigned[],
): Promise<{ taken: readonly Assigned[]; left: readonly AwayJob[] }> {
  const { room, store, events } = parts
  const taken: Assigned[] = []
  const left: AwayJob[] = [...(await refuse(parts, assigned))]
  const refusedKeys = new Set(left.map(({ key }) => key))
  const placed = assigned.filter(({ job }) => !refusedKeys.has(job.key))
  const asked = [...Map.groupBy(placed, ({ lane }) => lane)].map(async ([lane, ofLane]) => {
    const jobs = ofLane.map(({ job: { key, tenantId } }) => ({ key, tenantId }))
    return { lane, ofLane, ...(await room.take(lane, jobs)) }
  })
  for (const { lane, ofLane, left: refused, taken: fitting } of await Promise.all(asked)) {
    const known = await Promise.all(refused.map(({ key }) => store.knows(key)))
    const going = refused.filter((_, index) => known[index] !== true)
    const times = room.timesAway(lane, going)
    const leaving = new Map(going.map((job, index) => [job.key, { job, awayMs: times[index] ?? 0 }]))
    const since = new Map(fitting.map(({ key, sinceMs }) => [key, sinceMs]))
    for (const each of ofLane) {
      const { job, span } = each
      const leaves = leaving.get(job.key)
      if (leaves === undefined) taken.push({ ...each, sinceMs: since.get(job.key) ?? null })
      else {
        left.push({ ...leaves.job, ...leaveFor(leaves.awayMs, job.leaseMs) })
        span.run(() => events.emit('returned', { ...jobInLane(job, lane), reason: room.why(lane) }))
      }
    }
  }
  return { taken, left }
}

/** Those whose lane has no place among the lanes there may be. */
async function refuse(
  { places, room, store, events }: EnqueueParts,
  assigned: readonly Assigned[],
): Promise<readonly AwayJob[]> {
  const admitted = await Promise.all(
    assigned.map(
      async ({ job, lane }) =>
        lane === laneName(UNROUTABLE) ||
        (await places.admits(lane, job.tenantId)) ||
        (await store.knows(job.key)),
    ),
  )
  const refused = assigned.filter((_, index) => !admitted[index])
  const times = room.timesRefused(refused.length)
  return refused.map(({ job, lane, span }, index) => {
    span.run(() => events.emit('returned', { ...jobInLane(job, lane), reason: 'tooManyLanes' }))
    const leaves = leaveFor(times[index] ?? 0, job.leaseMs)
    return { key: job.key, order: null, sinceMs: null, group: null, ...leaves }
  })
}

async function accept(parts: EnqueueParts, assigned: readonly Assigned[]): Promise<void> {
  const coming = assigned.map((each) => {
    const span = startEnqueue(parts.tracing, each.job, each.lane, each.span)
    return { ...each, span }
  })
  await acceptAll(parts, coming).finally(() => endAll(coming))
}

async function acceptAll(parts: EnqueueParts, coming: readonly Assigned[]): Promise<void> {
  const registered = registerLanes(parts, new Set(coming.map(({ lane }) => lane)))
  const accepted = await parts.store.accept(
    coming.map(({ plain: job, lane, span, hashes, sinceMs }) => ({
      lane,
      sinceMs,
      tenantId: job.tenantId,
      key: job.key,
      deadlineMs: job.activatedMs + parts.leaseMs,
      retries: job.retries,
      ...hashes,
      bytes: Buffer.byteLength(job.variables) + Buffer.byteLength(job.customHeaders),
      leaseDueMs: Math.round(parts.leaseDueMs(job)),
      processId: job.bpmnProcessId,
      elementId: job.elementId,
      processInstanceKey: job.processInstanceKey,
      foundMs: parts.foundMs ?? 0,
      trace: span.place,
      maxWaitMs: ownMaxWait(job.customHeaders)?.ms,
    })),
  )
  const settled = await Promise.all(coming.map(({ plain }, index) => dropLate(parts, plain, accepted[index])))
  const byLane = new Map<LaneName, NewQueuedJob[]>()
  for (const [index, { plain: job, place, span }] of coming.entries()) {
    const answer = settled[index]
    if (answer === undefined) continue
    await letOthersRun()
    const { acceptance, epoch, lane, known } = answer
    span.link(known)
    span.set({ 'quarry.epoch': epoch })
    const template = elementTemplate(job.customHeaders)
    span.run(() => parts.events.emit('accepted', { ...jobInLane(job, lane), acceptance, template }))
    if (acceptance !== 'new' && acceptance !== 'adopt') continue
    const id = queuedJobId(job.key, epoch)
    const packing = timed({ ...jobInLane(job, lane), stage: 'store' }, () =>
      parts.pack(queuedJob(job, epoch), id),
    )
    const payload = await packing
    const size = unitsOf(job) < LARGE_UNITS ? {} : { units: unitsOf(job) }
    const stored = { id, payload, ...size, place, waited: acceptance === 'adopt' }
    const lanesJobs = byLane.get(lane)
    if (lanesJobs === undefined) byLane.set(lane, [stored])
    else lanesJobs.push(stored)
  }
  const lanes = await registered
  await Promise.all([...byLane].map(([lane, lanesJobs]) => put(parts, lane, lanesJobs, lanes.get(lane))))
}

/**
 * Registers lanes while their jobs are accepted, which saves a round trip before each is added.
 * @returns when each was sent to Redis, by `performance.now`. Without those that failed: `put` registers these.
 */
async function registerLanes(
  { queues }: EnqueueParts,
  lanes: ReadonlySet<LaneName>,
): Promise<ReadonlyMap<LaneName, number>> {
  const sentAt = performance.now()
  const tried = [...lanes].map((lane) =>
    queues.register(lane).then(
      (): [LaneName, number][] => [[lane, sentAt]],
      () => [],
    ),
  )
  return new Map((await Promise.all(tried)).flat())
}

/**
 * Job records are forgotten after a while, and a job delivered later than that would pass for a new order. So one whose lease has
 * ended by now, however long Redis took, is only queued after Zeebe has confirmed it.
 */
async function dropLate(
  { now, stillOurs, store }: EnqueueParts,
  job: LeasedJob,
  answer: Accepted | undefined,
): Promise<Accepted | undefined> {
  if (answer?.acceptance !== 'new' || job.deadlineMs > now() || (await stillOurs(job))) return answer
  await store.abandon(job.key, answer.epoch)
  return { ...answer, acceptance: 'duplicate' }
}

/** Much shorter than the time after which an unused lane is forgotten, ms. */
const REGISTERED_FOR_MS = 1_000

async function put(
  { queues, events, stopping }: EnqueueParts,
  lane: LaneName,
  jobs: readonly NewQueuedJob[],
  registeredAt = Number.NEGATIVE_INFINITY,
): Promise<void> {
  // Only the first attempt: Redis may have lost the lane before the next.
  let registered = performance.now() - registeredAt < REGISTERED_FOR_MS
  const onFailure = (error: unknown) => events.emit('fault', { where: `adding jobs to lane ${lane}`, error })
  // Adding twice is harmless: an id that is in the lane already is left as it is.
  const add = (): Promise<void> => {
    const isKnown = registered
    registered = false
    return queues.add(lane, jobs, isKnown)
  }
  await retryUntilStopped(add, { stopping, onFailure })
}
