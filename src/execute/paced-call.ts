// One call in its turn: waits for the lane's pace, sends once, and tells the pace how it ended.
import { randomUUID } from 'node:crypto'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { parseHeaders } from '../connector/headers.ts'
import { type OnOutage, resendRule } from '../connector/resend.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { askUntilStopped, retryUntilStopped } from '../redis/retry-until-stopped.ts'
import type { CallEnd, Events } from '../telemetry/events.ts'
import { timed } from '../telemetry/loop-work.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { signalled } from '../time/bounded-wait.ts'
import type { CallAnswer, CallBedrock } from './bedrock-caller.ts'
import { billedUsage } from './billed-usage.ts'
import type { Admission, Budgets, Refusal } from './budgets.ts'
import type { MeasuredCall } from './call-tokens.ts'
import { outageWhy } from './outage-why.ts'
import { type CallPlace, paceEnd } from './pace-end.ts'
import type { ServedLane } from './served-lane.ts'
import type { Turn, TurnEnd } from './turns.ts'

export interface PacedCallParts {
  readonly call: CallBedrock
  readonly events: Events
  /** Limit of a job's call, ms. */
  readonly callTimeoutMs: (job: QueuedJob) => number
  readonly budgets: Budgets
  /** Whether what AWS did not execute is waited for, or counts as a send. */
  readonly onOutage: OnOutage
  /** Aborted when nothing more is to be sent; calls that run go on. */
  readonly leaving: AbortSignal
  /** Aborted when running calls must end since the process does. */
  readonly stopping: AbortSignal
}

/** What is to be sent, and for which job. */
export interface PacedCall {
  readonly job: QueuedJob
  readonly open: ServedLane
  /** The lane of the request, which is that of {@link open}. */
  readonly lane: Lane
  readonly request: BedrockRequest
  /** Since it was accepted, ms. */
  readonly waitedMs: number
  /** For how long it may wait for its turn, ms. */
  readonly patienceMs: number
  /** Calls sent for it before. */
  readonly sent: number
  /** Aborted when the process stops or the job is withdrawn. */
  readonly signal: AbortSignal
  /** Whether the job is still this worker's, as it may be taken from it while it waits for its turn. */
  readonly stillOurs: () => Promise<boolean>
}

/**
 * An answer and the lane it is from; or the job was not sent: its turn is not soon, its patience ended before, it was stopped,
 * it is not this worker's any more, or a budget says no.
 */
export type PacedAnswer =
  | { readonly kind: 'answered'; readonly answer: CallAnswer; readonly ranIn: LaneName }
  | { readonly kind: 'later'; readonly waitMs: number }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export async function callInTurn(parts: PacedCallParts, paced: PacedCall): Promise<PacedAnswer> {
  const { job, open, request, signal } = paced
  const askedAt = performance.now()
  // Aborted when no call is to be begun for the job, by this process or at all.
  const ending = AbortSignal.any([signal, parts.leaving])
  const measured = timed({ ...jobInLane(job, open.name), stage: 'measure' }, () =>
    open.tokens.measure(request),
  )
  const admission = await admit(parts, paced, measured, ending)
  if (admission === null) return { kind: 'stopped' }
  if (admission.kind !== 'admitted') return { kind: 'refused', refusal: admission }
  const settle = (usage: TokenUsage, ranIn: LaneName): void => {
    const model = ranIn === open.name ? undefined : parseLaneName(ranIn).model
    const onFailure = (error: unknown) =>
      parts.events.emit('fault', { where: `settling the budgets of job ${job.key}`, error })
    retryUntilStopped(() => parts.budgets.settle(admission.hold, usage, model), {
      stopping: parts.stopping,
      onFailure,
    }).catch(() => undefined)
  }
  const about = jobInLane(job, open.name)
  const candidate = { tokens: measured.reserve, stays: mustStay(job, request), waitedMs: paced.waitedMs }
  const inLineAt = performance.now()
  const taken = await signalled(paced.patienceMs, ending, (signal) => open.turns.take(candidate, signal))
  if (taken.kind !== 'stopped' && taken.waitedFor !== undefined) {
    const waitedMs = performance.now() - inLineAt
    parts.events.emit('paced', {
      ...{ ...about, waitedMs, waitedFor: taken.waitedFor },
      given: taken.kind === 'go',
    })
  }
  if (taken.kind !== 'go') {
    settle(NO_USAGE, open.name)
    return taken.kind === 'stopped' && !ending.aborted ? { kind: 'overdue' } : taken
  }
  const { turn } = taken
  const giveBack = (): void => {
    settle(NO_USAGE, open.name)
    void open.turns.end(turn, NOT_SENT)
  }
  // Asked last of all, since what was claimed before a long wait says little.
  const ours = await untilAnswered(parts, paced, ending, () => stillOursNow(paced))
  // The process may have been told to stop while it asked: a call that begins now would be cut, and paid again elsewhere.
  if (ours !== true || ending.aborted) {
    giveBack()
    return { kind: ours === false ? 'lost' : 'stopped' }
  }
  if (paced.sent === 0) {
    const waitedMs = Math.round(paced.waitedMs + performance.now() - askedAt)
    parts.events.emit('started', { ...about, waitedMs })
  }
  const answer = await callNow(parts, paced, turn).catch((error: unknown) => {
    giveBack()
    throw error
  })
  settle(billedUsage(answer, measured.estimate), turn.lane)
  const place = {
    onOutage: parts.onOutage,
    ownEndpoint: request.endpoint !== undefined,
    routed: turn.lane !== open.name,
  }
  const end = turnEnd(answer, measured, place)
  void open.turns.end(turn, end)
  // As little as its turn does the fetch of its job count.
  if (end.end === 'refused') void open.unfetched().catch(() => undefined)
  return { kind: 'answered', answer, ranIn: turn.lane }
}

const NOT_SENT: TurnEnd = { end: 'unknown', used: 0, retryAfterMs: 0 }

/** An answer of Redis that took longer may have lain unread while this process stood still and others took its jobs, ms. */
const STALE_MS = 2_000
const MOST_ASKED = 3

async function stillOursNow({ stillOurs }: PacedCall): Promise<boolean> {
  for (let asked = 1; ; asked += 1) {
    const askedAt = performance.now()
    const ours = await stillOurs()
    if (!ours || performance.now() - askedAt < STALE_MS || asked === MOST_ASKED) return ours
  }
}

/** Null when no call is to be begun any more. */
function untilAnswered<T>(
  { events }: PacedCallParts,
  { job, open }: PacedCall,
  stopping: AbortSignal,
  ask: () => Promise<T>,
): Promise<T | null> {
  const onFailure = (error: unknown) => events.emit('jobFault', { ...jobInLane(job, open.name), error })
  return askUntilStopped(ask, { stopping, onFailure })
}

function admit(
  parts: PacedCallParts,
  paced: PacedCall,
  { estimate }: MeasuredCall,
  stopping: AbortSignal,
): Promise<Admission | null> {
  const name = randomUUID()
  const { job, lane } = paced
  return untilAnswered(parts, paced, stopping, () => parts.budgets.admit(job, lane, estimate, name))
}

async function callNow(
  { events, call, callTimeoutMs, stopping, onOutage }: PacedCallParts,
  { job, open, request, signal }: PacedCall,
  turn: Turn,
): Promise<CallAnswer> {
  const about = jobInLane(job, turn.lane)
  events.emit('calling', about)
  const startedAt = performance.now()
  const limits = { timeoutMs: callTimeoutMs(job), signal }
  const answer = await timed({ ...about, stage: 'send' }, () => call(inLane(request, open, turn), limits))
  const { end, reason, usage } = sumUp(answer, onOutage)
  const durationMs = performance.now() - startedAt
  if (reason === 'aborted' && stopping.aborted) {
    events.emit('callCut', { ...about, ranMs: Math.round(durationMs) })
  }
  events.emit('called', {
    ...about,
    action: request.call.action,
    end,
    reason,
    durationMs,
    inputTokens: usage.input,
    outputTokens: usage.output,
    cacheReadTokens: usage.cacheRead,
    cacheWriteTokens: usage.cacheWrite,
    ...(request.endpoint === undefined ? {} : { server: new URL(request.endpoint).host }),
  })
  return answer
}

/** Header `quarry.failover: never` keeps a task's data in the region and model that it names; so does an endpoint of its own. */
function mustStay({ customHeaders }: QueuedJob, { endpoint }: BedrockRequest): boolean {
  if (endpoint !== undefined) return true
  return parseHeaders(customHeaders)['quarry.failover']?.trim().toLowerCase() === 'never'
}

/** The request as it is sent for the lane of a turn. */
function inLane(request: BedrockRequest, open: ServedLane, turn: Turn): BedrockRequest {
  if (turn.lane === open.name) return request
  const { region, model } = parseLaneName(turn.lane)
  return { ...request, region, call: { ...request.call, modelId: model } }
}

function sumUp(
  answer: CallAnswer,
  onOutage: OnOutage,
): {
  readonly end: CallEnd
  readonly reason: string
  readonly usage: TokenUsage
} {
  if (answer.kind === 'response') return { end: 'ok', reason: 'ok', usage: answer.usage }
  if (answer.kind === 'unusable') return { end: 'ok', reason: 'unusable', usage: answer.usage }
  const { failure } = answer
  if (failure.name === 'AbortError') return { end: 'final', reason: 'aborted', usage: NO_USAGE }
  return { end: resendRule(failure, onOutage), reason: failure.name, usage: NO_USAGE }
}

function turnEnd(answer: CallAnswer, measured: MeasuredCall, place: CallPlace): TurnEnd {
  if (answer.kind !== 'failure') {
    return { end: 'ok', used: measured.used(answer.usage), retryAfterMs: 0 }
  }
  const { failure } = answer
  // What AWS answered with an error, or did not execute, took no tokens; a call that was cut may have.
  const refused = failure.status !== undefined && failure.status >= 400
  const used = refused || resendRule(failure) === 'outage' ? 0 : null
  const why = outageWhy(failure)
  return { end: paceEnd(failure, place), used, retryAfterMs: failure.retryAfterMs ?? 0, why }
}
