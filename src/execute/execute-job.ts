// Stage 3: one queued job to its outcome. Reads the job, calls Bedrock once, and either stores the outcome or
// says when the job is due again. What an error means and what Zeebe is told is decided in pure code beside it.
import type { CallFailure } from '../aws/call-failure.ts'
import { awsError } from '../connector/aws-error.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { bindRequest } from '../connector/bind-request.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { resendRule } from '../connector/resend.ts'
import { type PayloadCodec, PayloadError } from '../job/payload-codec.ts'
import { type QueuedJob, readQueuedJob } from '../job/queued-job.ts'
import type { JobStore, Started } from '../redis/job-store.ts'
import type { CallEnd, Events } from '../telemetry/events.ts'
import type { CallBedrock } from './bedrock-caller.ts'
import { deferralDelay } from './deferral.ts'
import type { Disposal, OpenLane, RunJob } from './lane-consumer.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { OverdueOutcome } from './overdue.ts'
import { type OutcomeFacts, storeOutcome } from './store-outcome.ts'

export interface ExecuteParts {
  readonly store: JobStore
  readonly codec: PayloadCodec
  readonly events: Events
  readonly compatibility: Compatibility
  readonly callTimeoutMs: number
  readonly maxWaitMs: number
  readonly overdue: OverdueOutcome
  readonly rules: OutcomeRules
  readonly call: CallBedrock
  /** Aborted when running calls must end since the process does. */
  readonly stopping: AbortSignal
  readonly random: () => number
}

/** How long a job whose payload cannot be read is set aside before it is looked at again. */
const SET_ASIDE_MS = 60_000

export function makeRunJob(parts: ExecuteParts): RunJob {
  return async (stored, open) => {
    const job = readPayload(parts, stored, open)
    if (job === null) return { kind: 'delayed', delayMs: SET_ASIDE_MS }
    const started = await parts.store.start(job.key, job.epoch)
    if (started === null) return { kind: 'finished' }
    if (started.sends === 0)
      parts.events.emit('started', { jobKey: job.key, lane: open.name, waitedMs: started.waitedMs })
    return execute({ parts, job, open, started })
  }
}

interface Execution {
  readonly parts: ExecuteParts
  readonly job: QueuedJob
  readonly open: OpenLane
  readonly started: Started
}

async function execute(execution: Execution): Promise<Disposal> {
  const { parts, job, open, started } = execution
  const { rules } = parts
  const wrongHeader = rules.headerError(job)
  if (wrongHeader !== null) return end(execution, rules.failed(job, wrongHeader))
  const bound = bindRequest(job.variables, { compatibility: parts.compatibility })
  if (!bound.ok) return end(execution, rules.failed(job, bound.error))
  if (started.waitedMs >= parts.maxWaitMs) {
    const facts = await parts.overdue(job, { ...started, lane: open.name })
    if (facts !== null) {
      parts.events.emit('expired', { jobKey: job.key, lane: open.name, sends: started.sends })
      return end(execution, facts)
    }
  }
  return send(execution, bound.request)
}

async function send(execution: Execution, request: BedrockRequest): Promise<Disposal> {
  const { parts, job, open } = execution
  parts.events.emit('calling', { jobKey: job.key, lane: open.name })
  const startedAt = performance.now()
  const result = await parts.call(request, { timeoutMs: parts.callTimeoutMs, signal: parts.stopping })
  const called = (callEnd: CallEnd, reason: string, usage = { input: 0, output: 0 }): void => {
    parts.events.emit('called', {
      jobKey: job.key,
      lane: open.name,
      action: request.call.action,
      end: callEnd,
      reason,
      durationMs: performance.now() - startedAt,
      inputTokens: usage.input,
      outputTokens: usage.output,
    })
  }
  if (result.kind !== 'failure') {
    called('ok', result.kind, result.usage)
    if (result.kind === 'unusable') return end(execution, parts.rules.failed(job, result.error))
    return end(execution, parts.rules.responded(job, result.response))
  }
  const { failure } = result
  if (failure.name === 'AbortError') {
    called('final', 'aborted')
    return handBack(execution)
  }
  const rule = resendRule(failure)
  called(rule, failure.name)
  if (rule === 'final')
    return end(execution, parts.rules.failed(job, awsError(failure, execution.started.sends + 1)))
  return deferOrEnd(execution, rule, failure)
}

async function deferOrEnd(
  execution: Execution,
  kind: 'throttle' | 'transient',
  failure: CallFailure,
): Promise<Disposal> {
  const { parts, job, open, started } = execution
  const sends = started.sends + 1
  const throttles = started.throttles + (kind === 'throttle' ? 1 : 0)
  const delayMs = deferralDelay(
    {
      kind,
      times: kind === 'throttle' ? throttles : sends - throttles,
      waitedMs: started.waitedMs,
      maxWaitMs: parts.maxWaitMs,
      retryAfterMs: failure.retryAfterMs,
    },
    parts.random,
  )
  if (delayMs === null) return end(execution, parts.rules.failed(job, awsError(failure, sends)))
  const throttle = kind === 'throttle' ? JSON.stringify(failure) : started.throttle
  if (!(await parts.store.defer(job.key, job.epoch, { sends, throttles, throttle })))
    return { kind: 'finished' }
  parts.events.emit('deferred', { jobKey: job.key, lane: open.name, reason: kind, delayMs })
  return { kind: 'delayed', delayMs }
}

async function handBack({ parts, job, open, started }: Execution): Promise<Disposal> {
  const { throttles, throttle } = started
  const kept = await parts.store.defer(job.key, job.epoch, { sends: started.sends + 1, throttles, throttle })
  if (!kept) return { kind: 'finished' }
  parts.events.emit('deferred', { jobKey: job.key, lane: open.name, reason: 'handBack', delayMs: 0 })
  return { kind: 'handedBack' }
}

async function end({ parts, job, open }: Execution, facts: OutcomeFacts): Promise<Disposal> {
  await storeOutcome(parts, { job, lane: open.name, from: 'running' }, facts)
  return { kind: 'finished' }
}

function readPayload(
  parts: ExecuteParts,
  stored: { id: string; payload: string },
  open: OpenLane,
): QueuedJob | null {
  try {
    return readQueuedJob(parts.codec.decode(stored.payload, stored.id))
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    parts.events.emit('jobFault', { jobKey: stored.id, lane: open.name, error })
    return null
  }
}
