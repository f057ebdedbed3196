// One attempt to report one outcome of the outbox to Zeebe. The reporter decides what follows.
import { type CommandEnd, commandEnd } from '../camunda/destination-health.ts'
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { Outcome } from '../job/outcome.ts'
import { queuedJobId } from '../job/queued-job.ts'
import type { Answer, JobStore } from '../ledger/job-store.ts'
import { type OutboxEntry, REPORTERS } from '../ledger/outbox.ts'
import { isPlainPayload, type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'
import type { Events } from '../telemetry/events.ts'
import { inSpan, type Span, type Tracing } from '../telemetry/tracing.ts'
import { judgeReport, secretLost, sendOutcome, unreportable, unstorable } from './report-outcome.ts'
import type { UnreadOutcomes } from './unread-outcomes.ts'

export interface ReportParts {
  readonly port: JobPort
  readonly store: Pick<JobStore, 'readAnswer' | 'reported'>
  readonly codec: PayloadCodec
  /** Outcomes that this reporter cannot read. */
  readonly unread: UnreadOutcomes
  /** Reads the outcome of a job's epoch, by its id, from a decoded text. Rejects when a secret in it cannot be fetched. */
  readonly readOutcome: (text: string, id: string) => Promise<Outcome>
  /**
   * Names of the secrets that an outcome's text needs.
   * @param plain - whether it was readable in Redis: an encrypted outcome needs none.
   * @throws PayloadError when the text must not be trusted.
   */
  readonly secretsOf: (text: string, plain: boolean) => readonly string[]
  readonly events: Events
  readonly tracing: Tracing
  /** The lease that activations ask for, ms. A finished job is remembered for two leases at least. */
  readonly leaseMs: number
  /** How long people find it, ms. @default 0 */
  readonly historyMs?: number
}

export interface Attempt {
  readonly entry: OutboxEntry
  /** Whether the attempt may take the time to fetch secrets. */
  readonly fetching: boolean
  /** Whether this is the last attempt: if it is refused, Zeebe gets a failure instead. */
  readonly last: boolean
}

export type AttemptEnd =
  /** The entry is closed. `told`: what that shows of the partition; null when Zeebe was not asked. */
  | { readonly kind: 'closed'; readonly told: CommandEnd | null }
  /** Not sent: it needs these secrets. */
  | { readonly kind: 'sealed'; readonly names: readonly string[] }
  /** Not sent: a secret cannot be fetched now, or is gone. */
  | { readonly kind: 'shut'; readonly gone: boolean; readonly reason: string }
  /** Not sent: it cannot be read here. `left`: other reporters can read it. */
  | { readonly kind: 'unreadable'; readonly left: boolean }
  /** Sent, and refused for now. */
  | { readonly kind: 'later'; readonly told: CommandEnd; readonly failure: boolean }

/** A paid result is kept beyond a back-off, and beyond the night until somebody resolves an incident. */
const RESULT_KEPT_MS = 24 * 3_600_000

/**
 * Each attempt reads the answer anew: the one before may have reached Zeebe after all, and the job may be a new order by now, which a
 * late failure would hit.
 */
export async function attemptReport(parts: ReportParts, attempt: Attempt): Promise<AttemptEnd> {
  const { store, tracing, codec } = parts
  const { entry, fetching } = attempt
  const answer = await store.readAnswer(entry.key, entry.epoch)
  if (answer === null) {
    await close(parts, entry, 'done')
    return { kind: 'closed', told: null }
  }
  return inSpan(startReport(tracing, entry, answer), async () => {
    let text: string
    let secrets: readonly string[]
    try {
      text = codec.decode(answer.outcome, queuedJobId(entry.key, entry.epoch), 'outcome')
      secrets = parts.secretsOf(text, isPlainPayload(answer.outcome))
    } catch (error) {
      // It stays in the outbox: another reporter, or a restarted one, may have the right key.
      if (!(error instanceof PayloadError)) throw error
      return { kind: 'unreadable', left: await parts.unread.met(named(entry, answer), error) }
    }
    if (!fetching && secrets.length > 0) return { kind: 'sealed', names: secrets }
    return sendText(parts, attempt, { answer, text })
  })
}

async function sendText(
  parts: ReportParts,
  { entry, last }: Attempt,
  { answer, text }: { readonly answer: Answer; readonly text: string },
): Promise<AttemptEnd> {
  const { events, port } = parts
  const about = named(entry, answer)
  const opened = await openOutcome(
    (read) => parts.readOutcome(read, queuedJobId(entry.key, entry.epoch)),
    text,
  )
  if (opened.kind === 'shut' && !(opened.gone && last)) {
    events.emit('reportDelayed', { ...about, message: opened.reason, status: 'SECRETS' })
    return opened
  }
  let outcome = opened.kind === 'shut' ? secretLost(opened.reason) : opened.outcome
  outcome = unstorable(outcome) ?? outcome
  for (;;) {
    const refusal = await send(port, entry, outcome)
    const end = judgeReport(outcome, refusal)
    if (end.kind === 'ended') {
      await close(parts, entry, end.state)
      events.emit('reported', { ...about, outcome: outcome.kind, result: end.result })
      return { kind: 'closed', told: commandEnd(refusal) }
    }
    if (end.kind === 'instead') {
      outcome = end.outcome
      continue
    }
    const { message, status } = end.error
    events.emit('reportDelayed', { ...about, message, status })
    const told = commandEnd(end.error)
    if (!last || outcome.kind === 'failed' || told.kind !== 'alone')
      return { kind: 'later', told, failure: outcome.kind === 'failed' }
    outcome = unreportable(outcome, end.error)
  }
}

function named({ key: jobKey }: OutboxEntry, { processId, lane }: Answer) {
  return { jobKey, processId, lane }
}

async function close(
  { store, leaseMs, historyMs = 0 }: ReportParts,
  entry: OutboxEntry,
  state: 'done' | 'released' | 'kept',
): Promise<void> {
  const rememberMs = Math.max(state === 'kept' ? RESULT_KEPT_MS : 0, 2 * leaseMs, historyMs)
  await store.reported({ ...entry, group: REPORTERS }, { state, rememberMs, leaseMs })
}

async function send(port: JobPort, entry: OutboxEntry, outcome: Outcome): Promise<GatewayError | null> {
  try {
    await sendOutcome(port, entry.key, outcome)
    return null
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

/** An outcome read from its stored text, which may take secrets that cannot be fetched at once. */
type Opened =
  | { readonly kind: 'open'; readonly outcome: Outcome }
  /** It cannot be read now. `gone`: a source of secrets has answered that it no longer knows one. */
  | { readonly kind: 'shut'; readonly reason: string; readonly gone: boolean }

/**
 * Tries once. Never rejects.
 * @param read - `readOutcome` of `secrets/sealed-outcome.ts`.
 */
export async function openOutcome(read: (text: string) => Promise<Outcome>, text: string): Promise<Opened> {
  try {
    return { kind: 'open', outcome: await read(text) }
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'shut', reason: String(error), gone: false }
    return { kind: 'shut', reason: error.message, gone: error.name === 'SecretGone' }
  }
}

/** The span of a report: a child of the execution that made the outcome, and the last one in a job's trace. */
function startReport(tracing: Tracing, { key, epoch }: OutboxEntry, answer: Answer): Span {
  return tracing.start({
    name: 'report',
    kind: 'client',
    parent: answer.trace,
    attributes: {
      'camunda.job.key': key,
      'camunda.process.id': answer.processId || undefined,
      'quarry.epoch': epoch,
      'quarry.lane': answer.lane,
      'messaging.system': 'zeebe',
      'messaging.operation.name': 'report',
      'messaging.operation.type': 'settle',
      'messaging.message.id': queuedJobId(key, epoch),
    },
  })
}
