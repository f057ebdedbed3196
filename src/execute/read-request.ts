// What a queued job asks of Bedrock, with the values of its secrets and the contents of its documents: read anew for
// each call, so that they are stored nowhere.
import { type Aside, AsideError, HERE } from '../aside/aside.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { BindOptions } from '../connector/bind-request.ts'
import { type ConnectorError, javaError, RUNTIME } from '../connector/connector-error.ts'
import { type Mask, makeMask, type UsedSecret } from '../connector/secret-masking.ts'
import { readingUnits } from '../connector/value-count.ts'
import type { DocumentSession } from '../documents/document-source.ts'
import { FairGate } from '../job/fair-gate.ts'
import type { LaneName } from '../job/ids.ts'
import { LARGE_UNITS } from '../job/large-job.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { SecretResolver } from '../secrets/secret-resolver.ts'
import { timed } from '../telemetry/loop-work.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { untilAborted } from '../time/bounded-wait.ts'
import { letOthersRun } from '../time/let-others-run.ts'
import type { CheckEndpoint, CheckLane } from './allowed-calls.ts'
import { bindJob } from './bind-job.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { LeavePlace, ReadingPlaces } from './reading-places.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** A request, and what keeps its secrets out of all that is told of it. */
export interface ReadRequest {
  readonly kind: 'request'
  readonly request: BedrockRequest
  readonly used: readonly UsedSecret[]
  readonly mask: Mask
}

/** What a job comes to without a call. */
export interface EndedUnread {
  readonly kind: 'ended'
  readonly facts: OutcomeFacts
}

/** For what a job is read, and how long it may take. */
export interface Reading {
  /** To be kept open until the request is sent. */
  readonly documents: DocumentSession
  readonly signal: AbortSignal
  readonly lane: LaneName
  /** For how long the job may wait on, ms. */
  readonly patienceMs: number
}

/**
 * Never rejects. `stopped` when its signal is aborted before there is a request; `overdue` when the job's patience ends before;
 * `later` when it takes long, and all places for such jobs are taken.
 */
export type ReadJob = (
  job: QueuedJob,
  reading: Reading,
) => Promise<
  | ReadRequest
  | EndedUnread
  | { readonly kind: 'stopped' }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'later'; readonly delayMs: number }
>

export interface ReadParts {
  /** Longest time that reading a job may take, ms. */
  readonly readTimeoutMs: number
  readonly places: ReadingPlaces
  readonly random: () => number
  readonly rules: OutcomeRules
  readonly secrets: SecretResolver
  readonly bindOptions: BindOptions
  /** Binds large jobs. @default here */
  readonly aside?: Aside
  readonly checkEndpoint: CheckEndpoint
  readonly checkLane: CheckLane
}

/** After which a job is one that is long in being read, ms. */
const LONG_MS = 1_000
/** Large jobs that are read at a time, apart from those in places of their own: one thread works on them. */
const LARGE_AT_A_TIME = 4
/** For how long it is put off where there is no place for it, ms, at the least; twice that at the most. */
const PUT_OFF_MS = 10_000

/** A timer of Node holds no longer; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Why a job is not read on. */
class ReadingEnded extends Error {
  override readonly name = 'ReadingEnded'
  readonly why: 'late' | 'overdue' | 'noPlace'

  constructor(why: ReadingEnded['why']) {
    super(why)
    this.why = why
  }
}

/** Reads jobs as the connector does: headers, secrets, binding; the first thing that is wrong is what is told. */
export function makeReadJob(parts: ReadParts): ReadJob {
  const { rules, secrets, bindOptions, checkEndpoint, checkLane, readTimeoutMs, random } = parts
  const { aside = HERE } = parts
  const largeJobs = new FairGate(LARGE_AT_A_TIME)
  const ended = (facts: OutcomeFacts): EndedUnread => ({ kind: 'ended', facts })
  return async (job, { documents, signal: stopping, lane, patienceMs }) => {
    const about = jobInLane(job, lane)
    const wrongHeader = rules.headerError(job)
    if (wrongHeader !== null) return ended(await rules.failed(job, wrongHeader))
    let mask: Mask | undefined
    // Where it waits for other large jobs, that is none of its own time.
    const leaveLarge =
      readingUnits(job.variables) < LARGE_UNITS
        ? () => undefined
        : await largeJobs.enter(job, stopping).catch(() => null)
    if (leaveLarge === null) return { kind: 'stopped' }
    const limits = limitReading(parts, { job, lane, patienceMs, onPlace: leaveLarge })
    const signal = AbortSignal.any([stopping, limits.signal])
    let waitsFor = () => 'its secrets'
    let waitedFor = ''
    // Asked in that moment: a moment later nothing is waited for any more.
    limits.signal.addEventListener('abort', () => {
      waitedFor = waitsFor()
    })
    try {
      const resolving = timed({ ...about, stage: 'secrets' }, () => secrets.resolve(job, job.variables))
      const resolved = await untilAborted(resolving, signal)
      if (!resolved.ok) return ended(await rules.failed(job, resolved.error))
      const { used, variables } = resolved
      mask = makeMask(used)
      waitsFor = () => documents.fetching()
      await letOthersRun()
      const how = { ...bindOptions, signal, about, aside, owner: job }
      const bound = await bindJob(variables, documents, how)
      if (!bound.ok) return ended(await rules.failed(job, bound.error, mask))
      const forbidden = checkLane(job, bound.request)
      if (forbidden !== null) return ended(await rules.failed(job, forbidden, mask))
      const checked = checkEndpoint(bound.request)
      if (!checked.ok) return ended(await rules.failed(job, checked.error, mask))
      await letOthersRun()
      return { kind: 'request', request: checked.request, used, mask }
    } catch (fault) {
      if (stopping.aborted) return { kind: 'stopped' }
      const ending: unknown = limits.signal.aborted ? limits.signal.reason : fault
      if (ending instanceof AsideError) return ended(await rules.failed(job, notRead(ending), mask))
      if (!(ending instanceof ReadingEnded)) return ended(rules.faulted(job, fault, mask))
      if (ending.why === 'overdue') return { kind: 'overdue' }
      if (ending.why === 'noPlace') return { kind: 'later', delayMs: Math.ceil(PUT_OFF_MS * (1 + random())) }
      return ended(await rules.failed(job, tookTooLong(readTimeoutMs, waitedFor), mask))
    } finally {
      limits.end()
      leaveLarge()
    }
  }
}

/** Aborts when a job is read for too long, or for long without a place. @param onPlace - told when it has one. */
function limitReading(
  { readTimeoutMs, places }: ReadParts,
  {
    job,
    lane,
    patienceMs,
    onPlace,
  }: { job: QueuedJob; lane: LaneName; patienceMs: number; onPlace: () => void },
): { readonly signal: AbortSignal; end(): void } {
  const limit = new AbortController()
  let leave: LeavePlace | null = null
  const isOverdue = patienceMs <= readTimeoutMs
  const timers = [
    setTimeout(() => {
      leave = places.take(job, lane)
      if (leave === null) limit.abort(new ReadingEnded('noPlace'))
      else onPlace()
    }, LONG_MS),
    setTimeout(
      () => limit.abort(new ReadingEnded(isOverdue ? 'overdue' : 'late')),
      Math.min(Math.max(0, isOverdue ? patienceMs : readTimeoutMs), LONGEST_TIMER_MS),
    ),
  ]
  return {
    signal: limit.signal,
    end() {
      for (const timer of timers) clearTimeout(timer)
      leave?.()
    },
  }
}

function notRead({ message }: AsideError): ConnectorError {
  return javaError(
    RUNTIME,
    `The job was not sent: it is large, and could not be read: ${message}. Give it fewer and smaller inputs.`,
  )
}

function tookTooLong(readTimeoutMs: number, waitsFor: string): ConnectorError {
  const message = `The job was not sent: reading its documents and secrets took longer than ${readTimeoutMs / 1000} s (QUARRY_READ_TIMEOUT of the Quarry workers). It was waiting for ${waitsFor}. See why that is slow, or give the job fewer and smaller documents.`
  return javaError(RUNTIME, message)
}
