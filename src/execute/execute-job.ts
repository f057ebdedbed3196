// Stage 3: executes a queued job. `execute` is the page: it claims the job, reads it, calls Bedrock once in its turn, and then stores the outcome
// or requeues the job. The table of ends and consequences is in what-next.ts.
import type { Aside } from '../aside/aside.ts'
import type { Refusal } from '../budgets/budget-refusal.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { optionVariables } from '../connector/bind-call.ts'
import type { DocumentSource } from '../documents/document-source.ts'
import { isUnroutable, type Lane, laneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { type Disposal, FINISHED, REQUEUED, type RunJob, SET_ASIDE } from '../lanes/queue/taken-job.ts'
import type { Started } from '../ledger/job-store.ts'
import { retryUntilStopped } from '../redis/retry-until-stopped.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { isOfRedis } from '../telemetry/redis-trouble.ts'
import { inSpan } from '../telemetry/tracing.ts'
import { admit } from './admit-job.ts'
import { type CarryOutParts, carryOut, endJob, type Taking } from './carry-out.ts'
import { type CheckedCallParts, callChecked } from './checked-call.ts'
import type { Claim, ClaimStart } from './claim.ts'
import { startExecution } from './execution-span.ts'
import type { JobRoom } from './job-room.ts'
import { patienceOf } from './overdue.ts'
import { suspect } from './quarantine.ts'
import type { ReadJob, ReadRequest } from './read-request.ts'
import type { ServedLane } from './served-lane.ts'
import { readRepairs } from './stored-repairs.ts'
import { startTrial } from './trial-calls.ts'
import { follow, judgePlace } from './true-lane.ts'
import type { UnreadPayload } from './unread-payloads.ts'
import { callsAfter, type End, type NextRules, whatNext } from './what-next.ts'
import type { StopSignals, WorkerStop } from './worker-stop.ts'

export interface ExecuteParts extends CheckedCallParts, CarryOutParts, NextRules {
  readonly stop: WorkerStop
  readonly room: JobRoom
  /** Reads large jobs, and stores long outcomes. */
  readonly aside: Aside
  /** Disposes of a job whose payload cannot be read. */
  readonly unread: UnreadPayload
  readonly claim: ClaimStart
  /** Starts that may end with a dead worker before the job is failed. */
  readonly maxStarts: number
  readonly documents: DocumentSource
  readonly read: ReadJob
  /** The lane of a request. */
  readonly laneOf: (request: BedrockRequest) => Promise<Lane>
  readonly maxWaitMs: number
}

/** The jobs that this process executes. */
export interface JobRunner {
  readonly run: RunJob<ServedLane>
  /** Ends the execution of a job that Zeebe no longer knows, by its BullMQ id. */
  withdraw(id: string): void
  /** BullMQ ids of the running jobs. */
  running(): Iterable<string>
  /** How many these are. */
  inHand(): number
}

export function makeJobRunner(parts: ExecuteParts): JobRunner {
  const withdrawals = new Map<string, () => void>()
  const { codec, room, aside, unread, events } = parts
  return {
    withdraw: (id) => withdrawals.get(id)?.(),
    running: () => withdrawals.keys(),
    inHand: () => withdrawals.size,
    async run(taken, served) {
      if (withdrawals.has(taken.id)) return SET_ASIDE
      // The worker was stopped just as it fetched the job.
      if (parts.stop.beginning.aborted) return REQUEUED
      const { stop, withdraw, ended } = parts.stop.ofJob()
      withdrawals.set(taken.id, withdraw)
      try {
        const admitted = await admit({ codec, room, aside, leaving: parts.stop.beginning }, taken, served)
        if (admitted.kind === 'leaving') return REQUEUED
        if (admitted.kind === 'unread') return await unread(served, taken.id, admitted.fault)
        const { job, leave } = admitted
        const onFailure = (error: unknown) =>
          events.emit('jobFault', { ...jobInLane(job, served.name), error })
        const insist = <T>(step: () => Promise<T>) =>
          retryUntilStopped(step, { stopping: stop.insisting, onFailure })
        const running = { job, taken, served, takenAtMs: performance.now(), stop, onFailure, insist }
        return await execute(parts, running)
          .catch((error: unknown) => rescue(parts, running, error))
          .finally(leave)
      } finally {
        ended()
        withdrawals.delete(taken.id)
      }
    },
  }
}

interface Running extends Taking {
  readonly stop: StopSignals
  readonly onFailure: (error: unknown) => void
}

/** One execution, in order. Rejections go to {@link rescue}. */
async function execute(parts: ExecuteParts, running: Running): Promise<Disposal> {
  const { job, taken, served, stop, onFailure, insist } = running

  // Claim it.
  const lies = { id: taken.id, lane: served.name }
  const claim = await parts.claim(job, lies, { stopping: parts.stop.beginning, onFailure })
  if (claim.kind !== 'ours') return notOurs(parts, running, claim)
  const { started } = claim
  const repairs = readRepairs(started.repairs ?? '', parts.codec, job)
  const patience = startPatience(job, started, parts.maxWaitMs)
  // Every end from here on: decide, then store the outcome or requeue the job.
  const finish = (end: End, read: ReadRequest | null = null): Promise<Disposal> => {
    const waitedMs = patience.waitedMs()
    const place = { lane: served.name, spills: served.spills() }
    const ownEndpoint = read?.request.endpoint !== undefined
    const ownCredential = (read?.request.credentials.kind ?? 'chain') !== 'chain'
    const ofRequest = { ownEndpoint, ownCredential, repairs: repairs.length }
    const soFar = { ...place, started, waitedMs, maxWaitMs: patience.maxWaitMs, ...ofRequest }
    const calls = callsAfter(end, started, parts)
    return carryOut(parts, { ...running, started, waitedMs, calls, read }, whatNext(end, soFar, parts))
  }
  const documents = parts.documents.open(job)
  return inSpan(startExecution(parts.tracing, job, served.name, started), async () => {
    const distrust = distrustOf(parts, running, started)
    if (distrust !== null) return finish(distrust)
    const refusal = await insist(() => checkBudgets(parts, running))
    if (refusal !== null) return finish({ kind: 'refused', refusal })

    // Read it.
    const reading = { documents, lane: served.name, patienceMs: patience.leftMs(), signal: stop.beginning }
    const read = await parts.read(job, reading)
    if (read.kind === 'later') return finish({ kind: 'noPlace', delayMs: read.delayMs })
    if (read.kind !== 'request') return finish(read)
    if (patience.leftMs() <= 0) return finish({ kind: 'overdue' }, read)
    if (stop.beginning.aborted) return finish({ kind: 'stopped' }, read)
    const { request } = read
    const asked = { served, owner: job, request, stopping: stop.beginning }
    using trial = await startTrial(parts.proven, asked)
    const lane = await insist(() => parts.laneOf(request))
    const place = judgePlace(served.name, laneName(lane), started.moves)
    if (place !== 'here') {
      const disposal = await finish({ kind: place, asked: laneName(lane) }, read)
      // A move gives back the job's fetch, and a trial has done so already.
      return trial !== null && disposal.kind === 'finished' ? FINISHED : disposal
    }

    // The request has all of it. Kept for the length of a call, payload and variables would double what a call takes.
    taken.release()
    Object.assign(job, { variables: optionVariables(job.variables) })

    // Call Bedrock, in the turn that its budgets and the pace of the lane give.
    const standing = () => parts.store.standing(job.key, job.epoch, started.start)
    const waits = { waitedMs: started.waitedMs, patienceMs: patience.leftMs() }
    const owned = { claimedAtMs: running.takenAtMs, standing }
    const sending = { job, served, lane, request, ...waits, sent: started.sends, stop, trial, ...owned }
    return finish(await callChecked(parts, sending, repairs), read)
  }).finally(() => documents.close())
}

/** How long a job has waited since it was accepted, including its execution, ms. */
function startPatience(job: QueuedJob, started: Started, longestMs: number) {
  const { ms: maxWaitMs } = patienceOf(job, longestMs)
  const from = performance.now()
  const waitedMs = (): number => started.waitedMs + performance.now() - from
  return { maxWaitMs, waitedMs, leftMs: () => maxWaitMs - waitedMs() }
}

/** Calls nothing: BullMQ delivered a job, as after a stall, that runs elsewhere, has ended or was moved. */
async function notOurs(
  parts: ExecuteParts,
  running: Running,
  claim: Exclude<Claim, { readonly kind: 'ours' }>,
): Promise<Disposal> {
  if (claim.kind === 'stopped') return REQUEUED
  const from = running.served.name
  if (claim.kind === 'moved') return follow(parts, { ...running, from }, claim.to)
  parts.events.emit('startSkipped', { jobKey: running.job.key, lane: from, why: claim.kind })
  return claim.kind === 'ended' ? FINISHED : SET_ASIDE
}

/** Null unless workers died while they ran the job, which may be the cause. */
function distrustOf(
  { events, maxStarts, random }: ExecuteParts,
  { job, served }: Running,
  started: Started,
): End | null {
  const told = { ...jobInLane(job, served.name), deaths: started.deaths }
  if (started.died) events.emit('orphaned', told)
  const suspicion = suspect(started, maxStarts, random)
  if (suspicion.kind === 'run') return null
  if (suspicion.kind === 'later') return { kind: 'suspect', delayMs: suspicion.delayMs }
  events.emit('quarantined', told)
  return { kind: 'quarantined' }
}

/** The budgets of a job without a lane are known once it was read. */
async function checkBudgets({ budgets }: ExecuteParts, { job, served }: Running): Promise<Refusal | null> {
  return isUnroutable(served.lane) ? null : budgets.check(job, served.lane)
}

/**
 * Handles an error that escaped. After an error of Redis, the job's next start continues from the stored state. A fault of Quarry fails the job,
 * which would otherwise be retried, and paid, forever.
 */
async function rescue(parts: ExecuteParts, running: Running, error: unknown): Promise<Disposal> {
  if (running.stop.insisting.aborted || isOfRedis(error)) {
    running.onFailure(error)
    return SET_ASIDE
  }
  try {
    return await endJob(parts, running, parts.rules.faulted(running.job, error))
  } catch (another) {
    running.onFailure(another)
    return SET_ASIDE
  }
}
