// The table of ends of an execution and their consequences. Pure.

import type { FailedAnswer, Violation } from '../bedrock/answer-schema.ts'
import type { Refusal } from '../budgets/budget-refusal.ts'
import { lacksModel } from '../connector/absent-model.ts'
import { awsError } from '../connector/aws-error.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { ConnectorError } from '../connector/connector-error.ts'
import { type OnOutage, resendRule } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import type { Standing } from '../ledger/job-state.ts'
import type { CallCounts, JobProgress, Started } from '../ledger/job-store.ts'
import type { DeferralReason } from '../telemetry/events.ts'
import type { CallAnswer } from './bedrock-caller.ts'
import { budgetOutcome, budgetWait, unpricedError } from './budget-outcome.ts'
import { backoffOf, deferralDelay } from './deferral.ts'
import type { Responded } from './outcome-of.ts'
import { quarantineError } from './quarantine.ts'
import { schemaError } from './schema-error.ts'
import type { OutcomeFacts } from './store-outcome.ts'
import { unsteadyError } from './true-lane.ts'

/** How an execution ended, in the order of its steps. */
export type End =
  /** Too many workers died while they ran it. */
  | { readonly kind: 'quarantined' }
  /** Its worker died, for the second time or more. */
  | { readonly kind: 'suspect'; readonly delayMs: number }
  /** A budget refused it. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Reading it gave its outcome: nothing is called. */
  | { readonly kind: 'ended'; readonly facts: OutcomeFacts }
  /** Its documents or secrets are slow, and no place for slow jobs is free. */
  | { readonly kind: 'noPlace'; readonly delayMs: number }
  /** Its maximum wait ended. */
  | { readonly kind: 'overdue' }
  /** The worker stops, or the job was withdrawn. */
  | { readonly kind: 'stopped' }
  /** Its request belongs to another lane; `unsteady`: to a different one each time. */
  | { readonly kind: 'elsewhere' | 'unsteady'; readonly asked: LaneName }
  /** Its turn is far away. */
  | { readonly kind: 'notSoon'; readonly waitMs: number }
  /** Another took it over while it waited. */
  | { readonly kind: 'lost'; readonly standing: Standing }
  /** Its schema cannot be used. */
  | { readonly kind: 'wrongSchema'; readonly error: ConnectorError }
  /** Another job's call makes Bedrock compile its schema. */
  | { readonly kind: 'schemaWait'; readonly delayMs: number }
  /** It was called, and its answer violates its schema. */
  | ViolatedCall
  /** It was called. */
  | AnsweredCall

export interface AnsweredCall {
  readonly kind: 'answered'
  readonly answer: CallAnswer
  readonly call: BedrockRequest['call']
  readonly ranIn: LaneName
}

export interface ViolatedCall {
  readonly kind: 'violated'
  readonly violations: readonly Violation[]
  /** All answers of the job that violated its schema, this one included, to be repaired; null: no repair is asked for. */
  readonly repairs: readonly FailedAnswer[] | null
  /** Turns for repair that this answer had. */
  readonly turns: number
}

/** What to do with the job. */
export type Next =
  /** Store this outcome. */
  | { readonly kind: 'end'; readonly facts: OutcomeFacts }
  /** Store the outcome that the task's error expression makes of it. */
  | { readonly kind: 'fail'; readonly error: ConnectorError }
  /** Zeebe is told what the task's result expression makes of it. */
  | ({ readonly kind: 'respond' } & Responded)
  /** Zeebe is told that it waited for too long. */
  | { readonly kind: 'expire' }
  | { readonly kind: 'move'; readonly to: LaneName }
  /** It is not this worker's to decide. */
  | { readonly kind: 'leave'; readonly standing: Standing }
  | PutBack

/** Into its lane: to its front when there is no delay. */
export interface PutBack {
  readonly kind: 'putBack'
  readonly reason: DeferralReason
  readonly delayMs: number
  readonly counts: Pick<JobProgress, 'sends' | 'throttles' | 'outages'>
  /** To be remembered with it. @default the one that is remembered already */
  readonly failure?: CallFailure
  /** Its answers that are to be repaired. @default those that are remembered already */
  readonly repairs?: readonly FailedAnswer[]
  /** A lane that others are not sent to for a while. */
  readonly avoid?: LaneName
}

/** What the table asks of an execution. */
export interface SoFar {
  readonly lane: LaneName
  /** Whether the jobs of the lane may be sent elsewhere. */
  readonly spills: boolean
  readonly started: Pick<Started, 'sends' | 'throttles' | 'outages' | 'deaths'>
  /** Sends whose answers were to be repaired. */
  readonly repairs: number
  /** Since it was accepted, ms, and how long it may. */
  readonly waitedMs: number
  readonly maxWaitMs: number
  /** Whether its diagram names the endpoint that it is sent to. */
  readonly ownEndpoint: boolean
  /** Whether its diagram or a rule names its credentials. */
  readonly ownCredential: boolean
}

export interface NextRules {
  /** Sends before a transient error is final. */
  readonly maxSends: number
  /** Whether what AWS did not execute is waited for, or counts as a send. */
  readonly onOutage: OnOutage
  readonly random: () => number
}

/** So long a job whose turn is not soon is kept apart where its lane spills over, ms, at the most. */
const LONGEST_APART_MS = 5_000

export function whatNext(end: End, soFar: SoFar, rules: NextRules): Next {
  const { started, lane } = soFar
  switch (end.kind) {
    case 'quarantined':
      return { kind: 'fail', error: quarantineError(started.deaths) }
    case 'suspect':
      return putBack('workerDied', end.delayMs, started)
    case 'refused':
      return afterRefusal(end.refusal, soFar)
    case 'ended':
      return { kind: 'end', facts: end.facts }
    case 'noPlace':
      return putBack('reading', end.delayMs, started)
    case 'overdue':
      return { kind: 'expire' }
    case 'stopped':
      return putBack('handBack', 0, started)
    case 'elsewhere':
      return { kind: 'move', to: end.asked }
    case 'unsteady':
      return { kind: 'fail', error: unsteadyError(lane, end.asked) }
    case 'notSoon': {
      // In a lane that spills over, others may be sent elsewhere meanwhile: it makes room for them.
      const apartMs = Math.min(LONGEST_APART_MS, end.waitMs) * (0.5 + rules.random() / 2)
      return putBack('pace', soFar.spills ? Math.ceil(apartMs) : 0, started)
    }
    case 'lost':
      return { kind: 'leave', standing: end.standing }
    case 'wrongSchema':
      return { kind: 'fail', error: end.error }
    case 'schemaWait':
      return putBack('schema', end.delayMs, started)
    case 'violated': {
      const { repairs, violations, turns } = end
      if (repairs === null) return { kind: 'fail', error: schemaError(violations, turns) }
      return { ...putBack('repair', 0, { ...started, sends: started.sends + 1 }), repairs }
    }
    case 'answered':
      return afterCall(end, soFar, rules)
  }
}

/** A budget that is used up is waited for, without an attempt, or ends the job. */
function afterRefusal(refusal: Refusal, { started }: SoFar): Next {
  if (refusal.kind === 'fail') return { kind: 'end', facts: budgetOutcome(refusal) }
  if (refusal.kind === 'unpriced') return { kind: 'fail', error: unpricedError(refusal) }
  return { ...putBack('budget', refusal.delayMs, started), failure: budgetWait(refusal) }
}

function afterCall({ answer, call, ranIn }: AnsweredCall, soFar: SoFar, rules: NextRules): Next {
  switch (answer.kind) {
    case 'response': {
      const mayHaveLeft = soFar.spills || ranIn !== soFar.lane
      const { kind: _, usage: __, ...answered } = answer
      return { kind: 'respond', call, ...answered, ranIn: mayHaveLeft ? parseLaneName(ranIn) : null }
    }
    case 'unusable':
      return { kind: 'fail', error: answer.error }
    case 'failure':
      return afterFailure(answer.failure, ranIn, soFar, rules)
  }
}

function afterFailure(
  failure: CallFailure,
  ranIn: LaneName,
  { lane, started, repairs, waitedMs, maxWaitMs, ownEndpoint, ownCredential }: SoFar,
  { maxSends, onOutage, random }: NextRules,
): Next {
  const sends = started.sends + 1
  // It was cut: whoever has it next sends it again.
  if (failure.name === 'AbortError') return putBack('handBack', 0, { ...started, sends })
  const rule = resendRule(failure, onOutage)
  // A lane of the route turned out not to have the model: nothing was executed there.
  if (rule === 'final' && ranIn !== lane && lacksModel(failure))
    return { ...putBack('pace', 0, { ...started, sends, outages: started.outages + 1 }), avoid: ranIn }
  if (rule === 'final') return { kind: 'fail', error: awsError(failure, sends) }
  const throttles = started.throttles + (rule === 'throttle' ? 1 : 0)
  const outages = started.outages + (rule === 'outage' ? 1 : 0)
  const times = { throttle: throttles, outage: outages, transient: sends - throttles - outages - repairs }
  const kind = backoffOf(rule, failure, ownEndpoint || (ownCredential && failure.noCredentials === true))
  const { retryAfterMs } = failure
  const waits = { kind, times: times[rule], waitedMs, maxWaitMs, maxSends, retryAfterMs }
  const delayMs = deferralDelay(waits, random)
  if (delayMs === null) return { kind: 'fail', error: awsError(failure, sends) }
  return { ...putBack(rule, delayMs, { sends, throttles, outages }), failure }
}

/** The calls of a job, with the one by which this execution ended. */
export function callsAfter(
  end: End,
  { sends, throttles, outages }: CallCounts,
  { onOutage }: Pick<NextRules, 'onOutage'>,
): CallCounts {
  if (end.kind !== 'answered' && end.kind !== 'violated') return { sends, throttles, outages }
  const failure = end.kind === 'answered' && end.answer.kind === 'failure' ? end.answer.failure : null
  const rule = failure === null ? null : resendRule(failure, onOutage)
  return {
    sends: sends + 1,
    throttles: throttles + (rule === 'throttle' ? 1 : 0),
    outages: outages + (rule === 'outage' ? 1 : 0),
  }
}

function putBack(
  reason: DeferralReason,
  delayMs: number,
  { sends, throttles, outages }: PutBack['counts'],
): PutBack {
  return { kind: 'putBack', reason, delayMs, counts: { sends, throttles, outages } }
}
