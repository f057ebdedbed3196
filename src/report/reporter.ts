// Stage 4: the outbox to Zeebe. Many reports at a time, but a bounded number; while the gateway is away they
// wait in Redis and are tried again. An entry is closed only when Zeebe has answered for good.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { Outcome } from '../job/outcome.ts'
import { type PayloadCodec, PayloadError } from '../job/payload-codec.ts'
import { queuedJobId } from '../job/queued-job.ts'
import type { Answer, JobStore } from '../redis/job-store.ts'
import { type Outbox, type OutboxEntry, REPORTERS } from '../redis/outbox.ts'
import type { Events } from '../telemetry/events.ts'
import { inSpan, type Tracing } from '../telemetry/tracing.ts'
import { pause, within } from '../time/bounded-wait.ts'
import { openOutcome } from './open-outcome.ts'
import { judgeReport, sendOutcome, unreportable, unstorable } from './report-outcome.ts'
import { startReport } from './report-span.ts'
import type { UnreadOutcomes } from './unread-outcomes.ts'

export interface ReporterParts {
  readonly port: JobPort
  readonly store: JobStore
  readonly outbox: Outbox
  readonly codec: PayloadCodec
  /** Outcomes that this reporter cannot read. */
  readonly unread: UnreadOutcomes
  /** The outcome that a decoded text stands for. Rejects when a secret in it cannot be fetched. */
  readonly readOutcome: (text: string) => Promise<Outcome>
  readonly events: Events
  readonly tracing: Tracing
  readonly random: () => number
  /** The lease that activations ask for, ms. A finished job is remembered for two. */
  readonly leaseMs: number
}

export interface Reporter {
  start(): void
  /** Reports what it can in a few seconds, `graceMs` at most, and leaves the rest for another reporter. Idempotent. */
  stop(graceMs: number): Promise<void>
}

/** Reports under way at once. */
const MOST_REPORTS = 64
const BLOCK_MS = 2_000
/** An entry that its reader has not touched for this long belongs to a dead reader. */
const DEAD_AFTER_MS = 60_000
const TAKE_OVER_EVERY_MS = 15_000
/** A result that was paid for outlasts a back-off, and the night until somebody resolves an incident. */
const RESULT_KEPT_MS = 24 * 3_600_000
const READER_GONE_MS = 3_600_000
/** Of each shard. */
const TAKE_OVER_AT_ONCE = 4
/** Attempts with an error that concerns the one job, before its place is given to others for {@link DEAD_AFTER_MS}. */
const ATTEMPTS_IN_A_ROW = 6
/** Rounds of such attempts, before Zeebe is told a failure in place of the result. */
const MOST_ROUNDS = 5
const SLOWEST_RETRY_MS = 5_000
/** An outcome that the way to the gateway kept from Zeebe for this long is left to reporters that may have another way. */
const CUT_OFF_AFTER_MS = 15_000
/** How long a reporter that stops goes on for outcomes that are not reported yet; Redis keeps the rest. */
const DRAIN_MS = 5_000
const DRAIN_LOOK_MS = 20
/** While outcomes are left to others, it is asked so often whether they still are. */
const UNREAD_LOOK_MS = 1_000

/** The gateway is away or busy, for every job alike: their turn comes again when it is back. */
const AWAY = new Set([
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED',
  'UNAUTHENTICATED',
  'CANCELLED',
])

/** Of these, the one that tells that there is a way to it. */
const BUSY = 'RESOURCE_EXHAUSTED'

export function makeReporter(parts: ReporterParts): Reporter {
  const { outbox, events } = parts
  const stopping = new AbortController()
  const underWay = new Set<Promise<void>>()
  const rounds = new Map<string, number>()
  let cutOff = false
  const onCutOff = (): void => {
    cutOff = true
  }
  let loop: Promise<void> | undefined

  const take = (entries: readonly OutboxEntry[]): void => {
    for (const entry of entries) {
      const report = reportEntry({ parts, rounds, onCutOff, stopping: stopping.signal }, entry)
        .catch((error: unknown) => events.emit('fault', { where: `reporting job ${entry.key}`, error }))
        .then(() => {
          underWay.delete(report)
        })
      underWay.add(report)
    }
  }
  const run = async (): Promise<void> => {
    let takenOverAt = 0
    let prepared = false
    while (!stopping.signal.aborted) {
      try {
        if (parts.unread.areLeft()) {
          await pause(UNREAD_LOOK_MS, stopping.signal)
          continue
        }
        if (!prepared) {
          await outbox.prepare()
          await outbox.forgetReaders(READER_GONE_MS)
        }
        prepared = true
        if (cutOff && (await untilReached(parts, stopping.signal))) takenOverAt = 0
        cutOff = false
        if (Date.now() - takenOverAt > TAKE_OVER_EVERY_MS) {
          const left = await outbox.takeOver(DEAD_AFTER_MS, TAKE_OVER_AT_ONCE)
          take(left)
          if (left.length === 0) takenOverAt = Date.now()
        }
        take(await outbox.read(Math.ceil(MOST_REPORTS / 8), BLOCK_MS))
        while (underWay.size >= MOST_REPORTS) await Promise.race(underWay)
      } catch (error) {
        if (stopping.signal.aborted) return
        // After a flush of Redis the consumer groups are gone: they are made again.
        prepared = false
        events.emit('fault', { where: 'reading the outbox', error })
        await pause(1_000, stopping.signal)
      }
    }
  }
  return {
    start() {
      loop = run()
    },
    async stop(graceMs) {
      await within(Math.min(graceMs, DRAIN_MS), drained(parts, stopping.signal))
      stopping.abort()
      outbox.interrupt()
      await within(graceMs, Promise.all([loop, ...underWay]))
    },
  }
}

/** Waits until the gateway answers, whatever it is asked. @returns whether that took time. */
async function untilReached({ port, random }: ReporterParts, stopping: AbortSignal): Promise<boolean> {
  for (let waited = false; ; waited = true) {
    const reached = await port.topology().then(
      () => true,
      () => false,
    )
    if (reached || stopping.aborted) return waited
    await pause((0.5 + 0.5 * random()) * SLOWEST_RETRY_MS, stopping)
  }
}

/** Resolves when Zeebe has been told all there is. */
async function drained({ store }: ReporterParts, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted && (await store.backlog()).outcomes > 0) await pause(DRAIN_LOOK_MS, stopping)
}

interface Reporting {
  readonly parts: ReporterParts
  /** How often an entry was given up for a while, by entry id. */
  readonly rounds: Map<string, number>
  /** Told when an entry is left to others, since the gateway cannot be reached. */
  readonly onCutOff: () => void
  readonly stopping: AbortSignal
}

async function reportEntry(reporting: Reporting, entry: OutboxEntry): Promise<void> {
  const { store, tracing } = reporting.parts
  const answer = await store.readAnswer(entry.key, entry.epoch)
  if (answer === null) await close(reporting.parts, entry, 'done')
  else await inSpan(startReport(tracing, entry, answer), () => reportAnswer(reporting, entry, answer))
}

function close(
  { store, leaseMs }: ReporterParts,
  entry: OutboxEntry,
  state: 'done' | 'released' | 'kept',
): Promise<boolean> {
  const rememberMs = Math.max(state === 'kept' ? RESULT_KEPT_MS : 0, 2 * leaseMs)
  return store.reported({ ...entry, group: REPORTERS }, { state, rememberMs, leaseMs })
}

async function reportAnswer(
  { parts, rounds, onCutOff, stopping }: Reporting,
  entry: OutboxEntry,
  answer: Answer,
): Promise<void> {
  const { store, events } = parts
  const about = { jobKey: entry.key, processId: answer.processId, lane: answer.lane }
  let text: string
  try {
    text = parts.codec.decode(answer.outcome, queuedJobId(entry.key, entry.epoch))
  } catch (error) {
    // Left in the outbox: with the right key, another reporter or a restarted one can read it.
    if (!(error instanceof PayloadError)) throw error
    if (await parts.unread.met(about, error)) await parts.outbox.handBack(entry)
    return
  }
  const opened = await openOutcome(parts, { entry, of: answer, text, rounds }, stopping)
  if (opened === null) return
  let outcome = unstorable(opened) ?? opened
  const beganAt = performance.now()
  for (let attempt = 0; ; attempt += 1) {
    const end = judgeReport(outcome, await attemptReport(parts.port, entry, outcome))
    if (end.kind === 'ended') {
      rounds.delete(entry.entryId)
      await close(parts, entry, end.state)
      events.emit('reported', { ...about, outcome: outcome.kind, result: end.result })
      return
    }
    if (end.kind === 'instead') {
      outcome = end.outcome
      continue
    }
    const { status } = end.error
    const away = AWAY.has(status)
    const unreached = away && status !== BUSY && performance.now() - beganAt > CUT_OFF_AFTER_MS
    if (unreached) onCutOff()
    if (unreached || stopping.aborted) return parts.outbox.handBack(entry)
    if (attempt + 1 >= ATTEMPTS_IN_A_ROW && !away) {
      const round = (rounds.get(entry.entryId) ?? 0) + 1
      if (outcome.kind === 'failed' || round < MOST_ROUNDS) {
        rounds.set(entry.entryId, round)
        return parts.outbox.keep(entry)
      }
      outcome = unreportable(outcome, end.error)
      continue
    }
    events.emit('reportDelayed', { ...about, message: end.error.message, status })
    const delayMs =
      (0.5 + 0.5 * parts.random()) * Math.min(SLOWEST_RETRY_MS, 100 * 2 ** Math.min(attempt, 10))
    await pause(delayMs, stopping)
    await parts.outbox.keep(entry)
    // The attempt may have reached Zeebe all the same, and the job be a new order by now: a late failure would hit it.
    if ((await store.readAnswer(entry.key, entry.epoch)) === null) {
      await close(parts, entry, 'done')
      return
    }
  }
}

async function attemptReport(
  port: JobPort,
  entry: OutboxEntry,
  outcome: Outcome,
): Promise<GatewayError | null> {
  try {
    await sendOutcome(port, entry.key, outcome)
    return null
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}
