// Reads a queued job into its request, with the values of its secrets and the contents of its documents. Done anew for each call, so that these
// are stored nowhere.
import { type Aside, AsideError, HERE } from '../aside/aside.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import type { BindOptions } from '../connector/bind-request.ts'
import { type ConnectorError, javaError, RUNTIME } from '../connector/connector-error.ts'
import { ownSecrets } from '../connector/own-credentials.ts'
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
import type { CheckCredential, CheckEndpoint, CheckLane } from './allowed-calls.ts'
import { bindJob } from './bind-job.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { LeavePlace, ReadingPlaces } from './reading-places.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** A request, and the mask that removes its secrets from messages. */
export interface ReadRequest {
  readonly kind: 'request'
  readonly request: BedrockRequest
  readonly used: readonly UsedSecret[]
  readonly mask: Mask
}

/** The outcome of a job without a call. */
export interface EndedUnread {
  readonly kind: 'ended'
  readonly facts: OutcomeFacts
}

/** The context of reading a job. */
export interface Reading {
  /** Keep it open until the request is sent. */
  readonly documents: DocumentSession
  readonly signal: AbortSignal
  readonly lane: LaneName
  /** How much longer the job may wait, ms. */
  readonly patienceMs: number
}

/**
 * Never rejects. `stopped`: the signal was aborted before. `overdue`: the job's maximum wait ended before. `later`: reading takes long, and no
 * place for slow jobs is free.
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
  readonly bindOptions: (job: QueuedJob) => BindOptions
  /** Binds large jobs. @default here */
  readonly aside?: Aside
  readonly checkEndpoint: CheckEndpoint
  readonly checkLane: CheckLane
  readonly checkCredential: CheckCredential
}

/** Reading for longer makes a job a slow one, ms. */
const LONG_MS = 1_000
/** Large jobs that are read at a time, without the slow ones: a single thread works on them. */
const LARGE_AT_A_TIME = 4
/** Minimum delay of a slow job without a place, ms; the maximum is twice that. */
const DELAY_MS = 10_000

/** A timer of Node holds no longer; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Thrown when reading a job is given up. */
class ReadingEnded extends Error {
  override readonly name = 'ReadingEnded'
  readonly why: 'late' | 'overdue' | 'noPlace'

  constructor(why: ReadingEnded['why']) {
    super(why)
    this.why = why
  }
}

/** Reads jobs in the connector's order: headers, secrets, binding. The first error counts. */
export function makeReadJob(parts: ReadParts): ReadJob {
  const { rules, secrets, bindOptions, checkEndpoint, checkLane, checkCredential, readTimeoutMs, random } =
    parts
  const { aside = HERE } = parts
  const largeJobs = new FairGate(LARGE_AT_A_TIME)
  const ended = (facts: OutcomeFacts): EndedUnread => ({ kind: 'ended', facts })
  return async (job, { documents, signal: stopping, lane, patienceMs }) => {
    const about = jobInLane(job, lane)
    const wrongHeader = rules.headerError(job)
    if (wrongHeader !== null) return ended(await rules.failed(job, wrongHeader))
    let mask: Mask | undefined
    // Waiting for other large jobs does not count as reading time.
    const leaveLarge =
      readingUnits(job.variables) < LARGE_UNITS
        ? () => undefined
        : await largeJobs.enter(job, stopping).catch(() => null)
    if (leaveLarge === null) return { kind: 'stopped' }
    const limits = limitReading(parts, { job, lane, patienceMs, onPlace: leaveLarge })
    const signal = AbortSignal.any([stopping, limits.signal])
    let waitsFor = () => 'its secrets'
    let waitedFor = ''
    // Ask at the moment of the abort: afterwards it waits for nothing.
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
      const how = { ...bindOptions(job), signal, about, aside, owner: job }
      const bound = await bindJob(variables, documents, how)
      if (!bound.ok) return ended(await rules.failed(job, bound.error, mask))
      const typed = ownSecrets(bound.request.credentials).map((value) => ({ name: '', value }))
      if (typed.length > 0) mask = makeMask([...used, ...typed])
      const forbidden = checkLane(job, bound.request)
      if (forbidden !== null) return ended(await rules.failed(job, forbidden, mask))
      const credited = checkCredential(job, bound.request)
      if (!credited.ok) return ended(await rules.failed(job, credited.error, mask))
      const checked = checkEndpoint(credited.request)
      if (!checked.ok) return ended(await rules.failed(job, checked.error, mask))
      await letOthersRun()
      return { kind: 'request', request: checked.request, used, mask }
    } catch (fault) {
      if (stopping.aborted) return { kind: 'stopped' }
      const ending: unknown = limits.signal.aborted ? limits.signal.reason : fault
      if (ending instanceof AsideError) return ended(await rules.failed(job, notRead(ending), mask))
      if (!(ending instanceof ReadingEnded)) return ended(rules.faulted(job, fault, mask))
      if (ending.why === 'overdue') return { kind: 'overdue' }
      if (ending.why === 'noPlace') return { kind: 'later', delayMs: Math.ceil(DELAY_MS * (1 + random())) }
      return ended(await rules.failed(job, tookTooLong(readTimeoutMs, waitedFor), mask))
    } finally {
      limits.end()
      leaveLarge()
    }
  }
}

/** Aborts when reading takes too long, or long without a place. @param onPlace - called when the job gets a place. */
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
