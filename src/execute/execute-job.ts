// Stage 3: one queued job to its outcome. Reads the job, calls Bedrock once, and either stores the outcome or
// says when the job is due again. What an error means and what Zeebe is told is decided in pure code beside it.

import { lacksModel } from '../connector/absent-model.ts'
import { awsError } from '../connector/aws-error.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type ResendRule, resendRule } from '../connector/resend.ts'
import { type Mask, maskCallFailure, type UsedSecret } from '../connector/secret-masking.ts'
import type { DocumentSession, DocumentSource } from '../documents/document-source.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { LaneName } from '../job/ids.ts'
import type { Standing } from '../job/job-state.ts'
import { isUnroutable, type Lane, laneName, parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { JobProgress, JobStore, Started } from '../redis/job-store.ts'
import { retryUntilStopped } from '../redis/retry-until-stopped.ts'
import type { DeferralReason, Events, SkipReason } from '../telemetry/events.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { isOfRedis } from '../telemetry/redis-trouble.ts'
import { inSpan, type Tracing } from '../telemetry/tracing.ts'
import { type AdmitParts, admit } from './admit-job.ts'
import { budgetOutcome, budgetWait, unpricedError } from './budget-outcome.ts'
import type { Refusal } from './budgets.ts'
import type { ClaimStart } from './claim-start.ts'
import { backoffOf, deferralDelay } from './deferral.ts'
import { startExecution } from './execution-span.ts'
import type { Disposal, RunJob, TakenJob } from './lane-worker.ts'
import { BUSY_MS, left } from './not-ours.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { OverdueOutcome } from './overdue.ts'
import { callInTurn, type PacedCallParts } from './paced-call.ts'
import { patienceOf } from './patience.ts'
import { quarantineError, suspect } from './quarantine.ts'
import type { ReadJob } from './read-request.ts'
import type { ServedLane } from './served-lane.ts'
import { type OutcomeFacts, storeOutcome } from './store-outcome.ts'
import { writeFailure } from './stored-failure.ts'
import { follow, judgePlace, type Misplaced, type MoveParts, moveTo, unsteadyError } from './true-lane.ts'
import type { UnreadPayload } from './unread-payloads.ts'
import { tellWhereItRan } from './where-it-ran.ts'

export interface ExecuteParts extends PacedCallParts, AdmitParts, MoveParts {
  readonly store: JobStore
  readonly claim: ClaimStart
  /** What becomes of a job whose payload cannot be read. */
  readonly unread: UnreadPayload
  readonly events: Events
  readonly tracing: Tracing
  readonly documents: DocumentSource
  readonly read: ReadJob
  /** The lane that a request is for. */
  readonly laneOf: (request: BedrockRequest) => Promise<Lane>
  readonly maxWaitMs: number
  /** Sends before a transient error is final. */
  readonly maxSends: number
  /** Starts of a job that ended with a dead worker, before it is failed. */
  readonly maxStarts: number
  readonly overdue: OverdueOutcome
  readonly rules: OutcomeRules
  readonly random: () => number
}

/** The jobs that this process executes. */
export interface JobRunner {
  readonly run: RunJob
  /** Ends the execution of a queued job, by its BullMQ id, as Zeebe does not know the job any more. */
  withdraw(id: string): void
  /** BullMQ ids of what is executed. */
  running(): Iterable<string>
}

export function makeJobRunner(parts: ExecuteParts): JobRunner {
  const running = new Map<string, AbortController>()
  return {
    withdraw: (id) => running.get(id)?.abort(),
    running: () => running.keys(),
    async run(stored, open) {
      if (running.has(stored.id)) return { kind: 'delayed', delayMs: BUSY_MS }
      // It was fetched just as the process was told to stop.
      if (parts.leaving.aborted) return { kind: 'requeued' }
      const withdrawn = new AbortController()
      running.set(stored.id, withdrawn)
      try {
        const admitted = await admit(parts, stored, open)
        if (admitted.kind === 'leaving') return { kind: 'requeued' }
        if (admitted.kind === 'unread') return parts.unread(open, stored.id, admitted.fault)
        const known = { parts, job: admitted.job, taken: stored, open, takenAtMs: performance.now() }
        return await start(known, withdrawn.signal)
          .catch((error: unknown) => rescue(known, error))
          .finally(admitted.leave)
      } finally {
        running.delete(stored.id)
      }
    },
  }
}

async function start(known: Known, withdrawn: AbortSignal): Promise<Disposal> {
  const { parts, job, taken, open, takenAtMs } = known
  const started = await claim(known)
  if (started === 'leaving') return { kind: 'requeued' }
  if (started === null) return skip(parts, job, open.name, 'ended')
  if (started === 'busy') return skip(parts, job, open.name, 'running')
  if ('movedTo' in started) return follow(started.movedTo, misplaced(known))
  const documents = parts.documents.open(job)
  const signal = AbortSignal.any([parts.stopping, withdrawn])
  const startedAtMs = performance.now()
  const context = { parts, taken, open, started, startedAtMs, documents, signal, takenAtMs }
  const span = startExecution(parts.tracing, job, open.name, started)
  return inSpan(span, () => execute(job, context)).finally(() => documents.close())
}

/**
 * Something escaped the execution. What Redis refused, the job's next start finds as it was left; what is a fault of ours
 * is that job's failure, or it would be tried, and paid, for ever.
 */
async function rescue(known: Known, error: unknown): Promise<Disposal> {
  const { parts, job, open } = known
  const aside: Disposal = { kind: 'delayed', delayMs: BUSY_MS }
  if (parts.stopping.aborted || isOfRedis(error)) {
    parts.events.emit('jobFault', { ...jobInLane(job, open.name), error })
    return aside
  }
  try {
    return await end(known, parts.rules.faulted(job, error))
  } catch (another) {
    parts.events.emit('jobFault', { ...jobInLane(job, open.name), error: another })
    return aside
  }
}

/** Nothing is called: BullMQ brought a job, as after a stall, that is executed elsewhere or has come to its end. */
function skip(
  { events }: ExecuteParts,
  { key: jobKey }: QueuedJob,
  lane: LaneName,
  why: SkipReason,
): Disposal {
  events.emit('startSkipped', { jobKey, lane, why })
  return why === 'ended' ? { kind: 'finished' } : { kind: 'delayed', delayMs: BUSY_MS }
}

interface Execution {
  readonly parts: ExecuteParts
  readonly job: QueuedJob
  readonly taken: TakenJob
  readonly open: ServedLane
  readonly started: Started
  /** When it was taken out of its lane, by `performance.now`. */
  readonly takenAtMs: number
  /** When it was started, by `performance.now`. */
  readonly startedAtMs: number
  /** Aborted when the process stops or the job is withdrawn. */
  readonly signal: AbortSignal
  readonly used: readonly UsedSecret[]
  readonly mask: Mask
}

/** A job that is executed here. */
type Known = Pick<Execution, 'parts' | 'job' | 'taken' | 'open' | 'takenAtMs'> &
  Partial<Pick<Execution, 'used'>>
type Begun = Known & Pick<Execution, 'started' | 'startedAtMs'>

async function execute(
  job: QueuedJob,
  context: Omit<Execution, 'job' | 'used' | 'mask'> & { readonly documents: DocumentSession },
): Promise<Disposal> {
  const { parts, open, started, signal, documents } = context
  if (started.died) parts.events.emit('orphaned', { ...jobInLane(job, open.name), deaths: started.deaths })
  const suspicion = suspect(started, parts.maxStarts, parts.random)
  if (suspicion.kind === 'quarantine') {
    parts.events.emit('quarantined', { ...jobInLane(job, open.name), deaths: started.deaths })
    return end({ ...context, job }, await parts.rules.failed(job, quarantineError(started.deaths)))
  }
  if (suspicion.kind === 'later') return putOff({ ...context, job }, suspicion.delayMs)
  // Which budgets it counts to is known when it has been read.
  const check = async () => (isUnroutable(open.lane) ? null : parts.budgets.check(job, open.lane))
  const refusal = await insist({ ...context, job }, check)
  if (refusal !== null) return refuse({ ...context, job }, refusal)
  const reading = AbortSignal.any([signal, parts.leaving])
  const limits = { documents, lane: open.name, patienceMs: patienceLeft({ ...context, job }) }
  const read = await parts.read(job, { ...limits, signal: reading })
  if (read.kind === 'ended') return end({ ...context, job }, read.facts)
  if (read.kind === 'overdue') return expire({ ...context, job })
  if (read.kind === 'later') return putOff({ ...context, job }, read.delayMs, 'reading')
  if (read.kind === 'stopped') return handBack({ ...context, job }, started.sends)
  const { request, used, mask } = read
  const execution = { ...context, job, used, mask }
  if (patienceLeft(execution) <= 0) return expire(execution)
  if (reading.aborted) return handBack(execution, started.sends)
  const lane = await insist(execution, () => parts.laneOf(request))
  const asked = laneName(lane)
  const place = judgePlace(open.name, asked, started.moves)
  if (place === 'elsewhere')
    return (await moveTo(asked, started, misplaced(execution))) ?? putOff(execution, LONGEST_APART_MS, 'pace')
  if (place === 'unsteady')
    return end(execution, await parts.rules.failed(job, unsteadyError(open.name, asked)))
  return send(execution, request, lane)
}

function misplaced(known: Known): Misplaced {
  const { parts, job, taken, open } = known
  return { parts, job, taken, from: open.name, insist: (step) => insist(known, step) }
}

/** Since it was accepted, ms. */
function waitedUntilNow({ started, startedAtMs }: Begun): number {
  return started.waitedMs + performance.now() - startedAtMs
}

/** For how long it may wait on, ms. */
function patienceLeft(execution: Begun): number {
  const { parts, job } = execution
  return patienceOf(job, parts.maxWaitMs).ms - waitedUntilNow(execution)
}

async function expire(execution: Begun): Promise<Disposal> {
  const { parts, job, open, started } = execution
  parts.events.emit('expired', { ...jobInLane(job, open.name), sends: started.sends })
  const waitedMs = waitedUntilNow(execution)
  return end(execution, await parts.overdue(job, { ...started, waitedMs, lane: open.name }))
}

async function send(execution: Execution, request: BedrockRequest, lane: Lane): Promise<Disposal> {
  const { parts, job, open, started, mask, signal } = execution
  const { start, waitedMs, sends: sent } = started
  let standing: Standing = 'ours'
  const stillOurs = async () => {
    standing = await parts.store.standing(job.key, job.epoch, start)
    return standing === 'ours'
  }
  const patienceMs = patienceLeft(execution)
  const asked = { job, open, lane, request, signal, waitedMs, patienceMs, sent, stillOurs }
  const paced = await callInTurn(parts, asked)
  if (paced.kind === 'lost') {
    parts.events.emit('startSkipped', { jobKey: job.key, lane: open.name, why: 'lost' })
    return left(standing)
  }
  if (paced.kind === 'overdue') return expire(execution)
  if (paced.kind === 'stopped') return handBack(execution, started.sends)
  if (paced.kind === 'later') return notSoon(execution, paced.waitMs)
  if (paced.kind === 'refused') return refuse(execution, paced.refusal)
  const { answer } = paced
  if (answer.kind === 'response') {
    const { response } = answer
    const facts = await parts.rules.responded(job, { call: request.call, response }, mask)
    if (!open.routed() && paced.ranIn === open.name) return end(execution, facts)
    return end(execution, { ...facts, outcome: tellWhereItRan(facts.outcome, parseLaneName(paced.ranIn)) })
  }
  if (answer.kind === 'unusable') return end(execution, await parts.rules.failed(job, answer.error, mask))
  const { failure } = answer
  const sends = started.sends + 1
  if (failure.name === 'AbortError') return handBack(execution, sends)
  const rule = resendRule(failure, parts.onOutage)
  if (paced.ranIn !== open.name && rule === 'final' && lacksModel(failure))
    return goHome(execution, paced.ranIn)
  if (rule === 'final') return end(execution, await parts.rules.failed(job, awsError(failure, sends), mask))
  return deferOrEnd(execution, rule, failure, request.endpoint !== undefined)
}

async function deferOrEnd(
  execution: Execution,
  reason: Exclude<ResendRule, 'final'>,
  failure: CallFailure,
  ownEndpoint: boolean,
): Promise<Disposal> {
  const { parts, job, started, mask } = execution
  const sends = started.sends + 1
  const throttles = started.throttles + (reason === 'throttle' ? 1 : 0)
  const outages = started.outages + (reason === 'outage' ? 1 : 0)
  const times = { throttle: throttles, outage: outages, transient: sends - throttles - outages }
  const delayMs = deferralDelay(
    {
      kind: backoffOf(reason, failure, ownEndpoint),
      times: times[reason],
      waitedMs: waitedUntilNow(execution),
      maxWaitMs: patienceOf(job, parts.maxWaitMs).ms,
      maxSends: parts.maxSends,
      retryAfterMs: failure.retryAfterMs,
    },
    parts.random,
  )
  if (delayMs === null) return end(execution, await parts.rules.failed(job, awsError(failure, sends), mask))
  return defer(
    execution,
    { sends, throttles, outages, failure: writeFailure(maskCallFailure(failure, mask), parts.codec, job) },
    { reason, delayMs },
    delayMs === 0 ? { kind: 'requeued' } : { kind: 'delayed', delayMs },
  )
}

/** A lane of the route turned out not to have the model: nothing was executed there, and others are not sent there for a while. */
async function goHome(execution: Execution, from: LaneName): Promise<Disposal> {
  const { open, started } = execution
  open.avoid(from)
  const progress = { ...progressOf(started), sends: started.sends + 1, outages: started.outages + 1 }
  return defer(execution, progress, { reason: 'pace', delayMs: 0 }, { kind: 'requeued' })
}

/** What a budget says no to waits for its next period, without an attempt, or ends. */
async function refuse(execution: Begun, refusal: Refusal): Promise<Disposal> {
  if (refusal.kind === 'fail') return end(execution, budgetOutcome(refusal))
  const { parts, job } = execution
  if (refusal.kind === 'unpriced')
    return end(execution, await parts.rules.failed(job, unpricedError(refusal)))
  const { delayMs } = refusal
  const progress = {
    ...progressOf(execution.started),
    failure: writeFailure(budgetWait(refusal), parts.codec, job),
  }
  const back: Disposal = { kind: 'delayed', delayMs, forBudget: true }
  return defer(execution, progress, { reason: 'budget', delayMs }, back)
}

const LONGEST_APART_MS = 5_000

/**
 * Its turn is not soon. In a lane with a route others may be sent elsewhere meanwhile: there it makes room for them.
 */
async function notSoon(execution: Execution, waitMs: number): Promise<Disposal> {
  const { parts, open, started } = execution
  if (!open.routed()) return handBack(execution, started.sends, 'pace')
  const delayMs = Math.ceil(Math.min(LONGEST_APART_MS, waitMs) * (0.5 + parts.random() / 2))
  return putOff(execution, delayMs, 'pace')
}

/** Back to the front of the lane: for another worker, or until the lane sends again. */
async function handBack(
  execution: Begun,
  sends: number,
  reason: 'handBack' | 'pace' = 'handBack',
): Promise<Disposal> {
  const progress = { ...progressOf(execution.started), sends }
  return defer(execution, progress, { reason, delayMs: 0 }, { kind: 'requeued' })
}

async function putOff(
  execution: Begun,
  delayMs: number,
  reason: 'workerDied' | 'pace' | 'reading' = 'workerDied',
): Promise<Disposal> {
  const told = { reason, delayMs }
  const back: Disposal = { kind: 'delayed', delayMs, ...(reason === 'reading' ? { unread: true } : {}) }
  return defer(execution, progressOf(execution.started), told, back)
}

function progressOf({ sends, throttles, outages, failure }: Started): JobProgress {
  return { sends, throttles, outages, failure }
}

/** @param back - how it goes back into its lane, if it is this worker's still. */
async function defer(
  execution: Begun,
  progress: JobProgress,
  told: { reason: DeferralReason; delayMs: number },
  back: Disposal,
): Promise<Disposal> {
  const { parts, job, open, started } = execution
  const trace = parts.tracing.current().place
  const deferral = { ...progress, start: started.start, trace }
  const standing = await insist(execution, () => parts.store.defer(job.key, job.epoch, deferral))
  if (standing !== 'ours') return left(standing)
  parts.events.emit('deferred', { ...jobInLane(job, open.name), ...told })
  return back
}

async function end(execution: Known, facts: OutcomeFacts): Promise<Disposal> {
  const { parts, job, open, takenAtMs, used = [] } = execution
  const executed = { job, lane: open.name, after: 'called', takenAtMs, used } as const
  await insist(execution, () => storeOutcome(parts, executed, facts))
  return { kind: 'finished' }
}

function insist<T>(known: Known, work: () => Promise<T>): Promise<T> {
  return retryUntilStopped(work, { stopping: known.parts.stopping, onFailure: faultOf(known) })
}

/** `leaving` when the process is told to stop and Redis does not take it. */
async function claim(known: Known): Promise<Awaited<ReturnType<ClaimStart>> | 'leaving'> {
  const { parts, job, taken, open } = known
  const trying = { stopping: parts.leaving, onFailure: faultOf(known) }
  try {
    return await parts.claim(job, { id: taken.id, lane: open.name }, (step) =>
      retryUntilStopped(step, trying),
    )
  } catch (error) {
    if (parts.leaving.aborted) return 'leaving'
    throw error
  }
}

function faultOf({ parts, job, open }: Known) {
  return (error: unknown) => parts.events.emit('jobFault', { ...jobInLane(job, open.name), error })
}
