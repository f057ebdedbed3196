// Carries out the decision on a job: stores its outcome, requeues it, moves it or leaves it. Retries while Redis refuses.
import { type Mask, maskCallFailure } from '../connector/secret-masking.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { type Disposal, FINISHED, type HeldJob, REQUEUED } from '../lanes/queue/taken-job.ts'
import type { CallCounts, JobStore, Started } from '../ledger/job-store.ts'
import type { Insist } from '../redis/retry-until-stopped.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import type { JobRoom, LeaveRoom } from './job-room.ts'
import type { OutcomeRules, Responded } from './outcome-of.ts'
import type { OverdueOutcome } from './overdue.ts'
import type { ReadRequest } from './read-request.ts'
import type { ServedLane } from './served-lane.ts'
import { type Executed, type OutcomeFacts, type StoreOutcomeParts, storeOutcome } from './store-outcome.ts'
import { writeFailure } from './stored-failure.ts'
import { writeRepairs } from './stored-repairs.ts'
import { leftFor, type MoveParts, moveTo } from './true-lane.ts'
import type { Next, PutBack } from './what-next.ts'
import type { StopSignals } from './worker-stop.ts'

/** A queued job that this worker took from its lane. */
export interface Taking {
  readonly job: QueuedJob
  readonly taken: HeldJob
  readonly served: ServedLane
  /** By `performance.now`. */
  readonly takenAtMs: number
  /** Retries until the worker's grace period ends. */
  readonly insist: Insist
}

/** A taken job that this worker has claimed. */
export interface Claimed extends Taking {
  readonly started: Started
  /** Time since it was accepted, ms. */
  readonly waitedMs: number
  /** Its calls, the latest included. */
  readonly calls: CallCounts
  /** Its request; null if it was not read. */
  readonly read: ReadRequest | null
}

export interface CarryOutParts extends MoveParts, StoreOutcomeParts {
  readonly store: JobStore
  readonly rules: OutcomeRules
  readonly overdue: OverdueOutcome
  readonly stop: Pick<StopSignals, 'insisting'>
  /** Room for the bytes of long answers. */
  readonly answers: JobRoom
}

/** @throws the last error of Redis, if the worker's grace period ends. */
export async function carryOut(parts: CarryOutParts, claimed: Claimed, next: Next): Promise<Disposal> {
  const { rules, events } = parts
  const { job, served, started, waitedMs, read } = claimed
  const mask = read?.mask
  const { calls } = claimed
  const end = (facts: OutcomeFacts) => endJob(parts, claimed, facts, { calls, used: read?.used ?? [] })
  switch (next.kind) {
    case 'end':
      return end(next.facts)
    case 'fail':
      return end(await rules.failed(job, next.error, mask))
    case 'respond': {
      const leave = await enterAnswers(parts, claimed, next)
      return end(await rules.responded(job, next, mask).finally(leave))
    }
    case 'expire':
      events.emit('expired', { ...jobInLane(job, served.name), sends: started.sends })
      return end(await parts.overdue(job, { ...started, waitedMs, lane: served.name }))
    case 'move': {
      const to = { lane: next.to, start: started.start }
      const apart: PutBack = { kind: 'putBack', reason: 'pace', delayMs: NO_PLACE_MS, counts: started }
      return (await moveTo(parts, { ...claimed, from: served.name }, to)) ?? putBack(parts, claimed, apart)
    }
    case 'leave':
      events.emit('startSkipped', { jobKey: job.key, lane: served.name, why: 'lost' })
      return leftFor(next.standing)
    case 'putBack':
      return putBack(parts, claimed, next)
  }
}

/** Shorter answers need no room. */
const LONG_ANSWER_BYTES = 1024 * 1024

/** Waits for room for a long answer, which is copied several times on its way into a document; to the end of the grace period only. */
async function enterAnswers(
  { answers, stop }: CarryOutParts,
  { job: { tenantId, bpmnProcessId }, served }: Claimed,
  { bytes = 0 }: Responded,
): Promise<LeaveRoom> {
  if (bytes < LONG_ANSWER_BYTES) return () => undefined
  const who = { tenantId, bpmnProcessId, lane: served.name }
  return answers.enter(bytes, who, stop.insisting).catch(() => () => undefined)
}

/** Delay of a job whose target lane gets no place (`QUARRY_MAX_LANES`), ms. */
const NO_PLACE_MS = 5_000

export async function endJob(
  parts: CarryOutParts,
  { job, served, takenAtMs, insist }: Taking,
  facts: OutcomeFacts,
  known: Pick<Executed, 'calls' | 'used'> = {},
): Promise<Disposal> {
  const executed = { job, lane: served.name, after: 'called', takenAtMs, ...known } as const
  await insist(() => storeOutcome(parts, executed, facts))
  return FINISHED
}

async function putBack(
  { store, codec, events, tracing }: CarryOutParts,
  { job, served, started, read, insist }: Claimed,
  { reason, delayMs, counts, failure, repairs, avoid }: PutBack,
): Promise<Disposal> {
  if (avoid !== undefined) served.avoid(avoid)
  const { sends, throttles, outages } = counts
  const last = failure === undefined ? started.failure : writeFailure(masked(failure, read?.mask), codec, job)
  const kept =
    repairs === undefined ? {} : { repairs: writeRepairs(repairs, { codec, job, mask: read?.mask }) }
  const progress = { sends, throttles, outages, failure: last, ...kept }
  const { start } = started
  const trace = tracing.current().place
  const standing = await insist(() => store.defer(job.key, job.epoch, { ...progress, start, trace }))
  if (standing !== 'ours') return leftFor(standing)
  events.emit('deferred', { ...jobInLane(job, served.name), reason, delayMs })
  if (reason === 'budget') return { kind: 'delayed', delayMs, forBudget: true }
  if (reason === 'reading' || reason === 'schema') return { kind: 'delayed', delayMs, unread: true }
  return delayMs === 0 ? REQUEUED : { kind: 'delayed', delayMs }
}

function masked(failure: CallFailure, mask: Mask | undefined): CallFailure {
  return mask === undefined ? failure : maskCallFailure(failure, mask)
}
