// Makes one call: reserves budgets, waits for a turn in the lane, sends once. Reservations and turn are settled when this returns, however it
// ends.
import { randomUUID } from 'node:crypto'
import type { ProvenCredentials } from '../accounts/proven-credentials.ts'
import type { Budgets, Hold } from '../budgets/budgets.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { type OnOutage, resendRule } from '../connector/resend.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { parseHeaders } from '../job/task-headers.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import type { Standing } from '../ledger/job-state.ts'
import { askUntilStopped, retryUntilStopped } from '../redis/retry-until-stopped.ts'
import type { StreamingRule } from '../rules/lane-rules.ts'
import { streamingOf } from '../rules/streaming-rules.ts'
import type { CallEnd, Events } from '../telemetry/events.ts'
import { timed } from '../telemetry/loop-work.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { signalled } from '../time/bounded-wait.ts'
import type { CallAnswer, CallBedrock } from './bedrock-caller.ts'
import { billedUsage } from './call-tokens.ts'
import { type MetadataRule, withMetadata } from './job-metadata.ts'
import { turnEnd } from './pace-end.ts'
import type { ServedLane } from './served-lane.ts'
import { learnCredential, type Trial } from './trial-calls.ts'
import type { Taken, Turn, TurnEnd } from './turns.ts'
import type { End } from './what-next.ts'
import type { StopSignals } from './worker-stop.ts'

export interface CallInTurnParts {
  readonly call: CallBedrock
  readonly events: Events
  /** Timeout of a job's call, ms. */
  readonly callTimeoutMs: (job: QueuedJob) => number
  readonly requestMetadata: MetadataRule
  /** Which calls are sent as streams. @default by task and model */
  readonly streaming?: () => readonly StreamingRule[] | undefined
  readonly budgets: Budgets
  /** Whether an outage is waited for, or counts as a send. */
  readonly onOutage: OnOutage
  readonly proven: ProvenCredentials
}

/** A request to send, and its job. */
export interface Sending {
  readonly job: QueuedJob
  readonly served: ServedLane
  /** The lane of the request; the same as the served one. */
  readonly lane: Lane
  readonly request: BedrockRequest
  /** Since it was accepted, ms. */
  readonly waitedMs: number
  /** How long it may wait for its turn, ms. */
  readonly patienceMs: number
  /** Calls sent for it before. */
  readonly sent: number
  readonly stop: StopSignals
  /** A longer timeout than its job's. @default 0 */
  readonly leastTimeoutMs?: number
  /** Null if its credential is proven, or no place was free. */
  readonly trial: Trial | null
  /** By `performance.now`: it was claimed then, or later. */
  readonly claimedAtMs: number
  /** Who owns the job: another worker may take it over while it waits for its turn. */
  readonly standing: () => Promise<Standing>
}

export type SendingEnd = Extract<
  End,
  { readonly kind: 'answered' | 'notSoon' | 'overdue' | 'stopped' | 'lost' | 'refused' }
>

export async function callInTurn(parts: CallInTurnParts, sending: Sending): Promise<SendingEnd> {
  const { events, budgets } = parts
  const { job, served, lane, request, stop } = sending
  const about = jobInLane(job, served.name)
  const onFailure = (error: unknown) => events.emit('jobFault', { ...about, error })
  const ask = <T>(question: () => Promise<T>) =>
    askUntilStopped(question, { stopping: stop.beginning, onFailure })
  const askedAt = performance.now()
  const measured = served.tokens.measure(request)

  const hold = randomUUID()
  const admission = await ask(() => budgets.admit(job, lane, measured.estimate, hold))
  if (admission === null) return { kind: 'stopped' }
  if (admission.kind !== 'admitted') return { kind: 'refused', refusal: admission }
  using held = holding(parts, sending, admission.hold)

  const taken =
    (await takeTrial(sending, measured.reserve)) ?? (await takeTurn(parts, sending, measured.reserve))
  if (taken.kind !== 'go') return taken
  using turn = taking(served, taken.turn)

  const standing = await ask(async () => {
    await budgets.send(admission.hold)
    // Check ownership right before sending: the claim may have been lost while waiting.
    const isFresh = taken.waitedFor === undefined && performance.now() - sending.claimedAtMs < FRESH_MS
    return isFresh ? 'ours' : freshStanding(sending)
  })
  if (standing !== null && standing !== 'ours') return { kind: 'lost', standing }
  // The worker may have been stopped while it asked: a call that begins now would be cut, and paid again elsewhere.
  if (standing === null || stop.beginning.aborted) return { kind: 'stopped' }
  if (sending.sent === 0) {
    const waitedMs = Math.round(sending.waitedMs + performance.now() - askedAt)
    events.emit('started', { ...about, waitedMs })
  }

  const answer = await callNow(parts, sending, taken.turn)
  const ranIn = taken.turn.lane
  const { onOutage } = parts
  const place = {
    onOutage,
    ownEndpoint: request.endpoint !== undefined,
    ownCredential: request.credentials.kind !== 'chain',
    routed: ranIn !== served.name,
  }
  held.took(billedUsage(answer, measured.estimate), ranIn)
  const ended = turnEnd(answer, measured, place)
  learnCredential(parts.proven, request, ended.end)
  turn.ended(ended)
  return { kind: 'answered', answer, call: request.call, ranIn }
}

/** A budget reservation, settled on disposal: as unused unless `took` was called. */
function holding({ budgets, events }: CallInTurnParts, { job, served, stop }: Sending, hold: Hold) {
  let [usage, ranIn]: [TokenUsage, LaneName] = [NO_USAGE, served.name]
  return {
    took(tokens: TokenUsage, lane: LaneName): void {
      usage = tokens
      ranIn = lane
    },
    [Symbol.dispose](): void {
      const model = ranIn === served.name ? undefined : parseLaneName(ranIn).model
      const onFailure = (error: unknown) =>
        events.emit('fault', { where: `settling the budgets of job ${job.key}`, error })
      const settling = { stopping: stop.insisting, onFailure }
      retryUntilStopped(() => budgets.settle(hold, usage, model), settling).catch(() => undefined)
    },
  }
}

const NOT_SENT: TurnEnd = { end: 'unknown', used: 0, retryAfterMs: 0 }

/** A turn, settled on disposal: as unused unless `ended` was called. */
function taking({ turns, unfetched }: ServedLane, turn: Turn) {
  let end = NOT_SENT
  return {
    ended(ended: TurnEnd): void {
      end = ended
    },
    [Symbol.dispose](): void {
      void turns.end(turn, end)
      // A refused call gives back its fetch, too. That of a trial was given back before.
      if (end.end === 'refused' && !turn.isTrial) void unfetched().catch(() => undefined)
    },
  }
}

/** A trial that is no longer needed, or may not be sent without a turn, leaves its place; then null. */
async function takeTrial({ trial, served }: Sending, tokens: number): Promise<Go | null> {
  if (trial === null) return null
  const turn = trial.isNeeded() ? await served.turns.trial(tokens) : null
  if (turn === null) trial[Symbol.dispose]()
  return turn === null ? null : { kind: 'go', turn }
}

type Go = Extract<Taken, { readonly kind: 'go' }>

async function takeTurn(
  { events }: CallInTurnParts,
  { job, served, request, waitedMs, patienceMs, stop }: Sending,
  tokens: number,
): Promise<Go | SendingEnd> {
  const candidate = { tokens, stays: mustStay(job, request), waitedMs }
  const inLineAt = performance.now()
  const taken = await signalled(patienceMs, stop.beginning, (signal) => served.turns.take(candidate, signal))
  if (taken.kind === 'stopped') return { kind: stop.beginning.aborted ? 'stopped' : 'overdue' }
  if (taken.waitedFor !== undefined) {
    const waited = { waitedMs: performance.now() - inLineAt, waitedFor: taken.waitedFor }
    events.emit('paced', { ...jobInLane(job, served.name), ...waited, given: taken.kind === 'go' })
  }
  return taken.kind === 'go' ? taken : { kind: 'notSoon', waitMs: taken.waitMs }
}

/** A slower answer may have waited unread while this process was suspended and others took over its jobs, ms. */
const STALE_MS = 2_000
/** Without a wait for its turn, a job whose claim is this fresh is not checked. Shorter, since Redis may lose a claim in a failover, ms. */
const FRESH_MS = 1_000
const MOST_ASKED = 3

async function freshStanding({ standing }: Sending): Promise<Standing> {
  for (let asked = 1; ; asked += 1) {
    const askedAt = performance.now()
    const known = await standing()
    if (known !== 'ours' || performance.now() - askedAt < STALE_MS || asked === MOST_ASKED) return known
  }
}

async function callNow(
  { events, call, callTimeoutMs, onOutage, requestMetadata, streaming }: CallInTurnParts,
  { job, served, request, stop, leastTimeoutMs = 0 }: Sending,
  turn: Turn,
): Promise<CallAnswer> {
  const about = jobInLane(job, turn.lane)
  events.emit('calling', about)
  const startedAt = performance.now()
  const limits = { timeoutMs: Math.max(leastTimeoutMs, callTimeoutMs(job)), signal: stop.calling }
  const sent = withMetadata(inLane(request, served, turn), job, requestMetadata)
  const answer = await timed({ ...about, stage: 'send' }, () =>
    call(withStreaming(sent, streaming?.(), job, turn), limits),
  )
  const { end, reason, usage } = sumUp(answer, onOutage)
  const durationMs = performance.now() - startedAt
  // Only if the worker ended: a call whose job was withdrawn is not paid again.
  if (reason === 'aborted' && stop.insisting.aborted) {
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
    ...(answer.kind === 'response' && answer.stream !== undefined ? { stream: answer.stream } : {}),
    ...(request.endpoint === undefined ? {} : { server: new URL(request.endpoint).host }),
  })
  return answer
}

/**
 * Header `quarry.failover: never`, or an endpoint of the task, keeps its data in the region and model that it names. Other actions have no
 * model that a route could change.
 */
function mustStay({ customHeaders }: QueuedJob, { endpoint, call: { action } }: BedrockRequest): boolean {
  if (endpoint !== undefined || (action !== 'converse' && action !== 'invokeModel')) return true
  return parseHeaders(customHeaders)['quarry.failover']?.trim().toLowerCase() === 'never'
}

/** The request, changed to the region and model of the turn's lane. */
function inLane(request: BedrockRequest, served: ServedLane, turn: Turn): BedrockRequest {
  if (turn.lane === served.name) return request
  const { region, model } = parseLaneName(turn.lane)
  return { ...request, region, call: { ...request.call, modelId: model } as BedrockRequest['call'] }
}

/** The request, streamed as the lanes file has it if its task leaves that open. */
function withStreaming(
  request: BedrockRequest,
  rules: readonly StreamingRule[] | undefined,
  job: QueuedJob,
  turn: Turn,
): BedrockRequest {
  const { call } = request
  if (rules === undefined || call.options.streaming !== null) return request
  const streaming = streamingOf(rules, job, parseLaneName(turn.lane))
  return { ...request, call: { ...call, options: { ...call.options, streaming } } as BedrockRequest['call'] }
}

/** The summary of an answer for metrics and spans. */
function sumUp(
  answer: CallAnswer,
  onOutage: OnOutage,
): { readonly end: CallEnd; readonly reason: string; readonly usage: TokenUsage } {
  if (answer.kind === 'response') return { end: 'ok', reason: 'ok', usage: answer.usage }
  if (answer.kind === 'unusable') return { end: 'ok', reason: 'unusable', usage: answer.usage }
  const { failure } = answer
  if (failure.name === 'AbortError') return { end: 'final', reason: 'aborted', usage: NO_USAGE }
  return { end: resendRule(failure, onOutage), reason: failure.name, usage: NO_USAGE }
}
