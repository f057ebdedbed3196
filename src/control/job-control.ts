// Retries a job for an operator. A delayed job moves to the front of its lane. The incident of a failed job is resolved by an
// adapter, since only adapters hold credentials for Camunda.
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobKey } from '../job/ids.ts'
import { queuedJobId } from '../job/queued-job.ts'
import type { BudgetWaits } from '../lanes/queue/budget-waits.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { RetryRequests } from '../ledger/retry-requests.ts'
import type { Events, RetryEnd } from '../telemetry/events.ts'
import type { AuditLog } from './audit-log.ts'
import { retriesLeft } from './job-reader.ts'
import type { JobRecordRead, JobRecords } from './job-records.ts'

/**
 * - `promoted`: the job was delayed, and is due now;
 * - `resolved`: its retries are set and its incident is resolved;
 * - `nothing`: there is nothing to do; the message says why;
 * - `unknown`: Quarry has no such job, and Camunda has no incident of it;
 * - `refused`: the retry failed; the message says why and what to do.
 */
export interface RetryResult {
  readonly kind: RetryEnd
  readonly message: string
}

export interface JobControl {
  /** Waits for an adapter for {@link JobControlParts.patienceMs} at most. */
  retry(key: JobKey): Promise<RetryResult>
}

export interface JobControlParts {
  readonly records: JobRecords
  readonly queues: LaneQueues
  readonly budgetWaits: Pick<BudgetWaits, 'remove'>
  readonly requests: RetryRequests
  readonly audit: Pick<AuditLog, 'add'>
  readonly events: Events
  /** The operator, `user@host`. */
  readonly by: string
  /** Longest wait for an adapter's answer, ms. @default 20000 */
  readonly patienceMs?: number
}

const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 100
/** For a job whose retries are no longer known. */
const ONE_RETRY = 1

export function makeJobControl(parts: JobControlParts): JobControl {
  const { records, queues, budgetWaits, requests, audit, events, by, patienceMs = PATIENCE_MS } = parts
  return {
    async retry(key) {
      const [record = null] = await records.read([key])
      const lanes = record === null ? [] : [record.lane]
      const note = (said: string) => audit.add({ by, action: 'retry', change: `job ${key}: ${said}`, lanes })
      // A change was logged before it was made, so losing this line hides nothing.
      const noteEnd = (said: string) =>
        note(said).catch((error: unknown) =>
          events.emit('fault', { where: `the audit of job ${key}`, error }),
        )
      const begin = () => note('asked for')
      const trial = { records, queues, budgetWaits, requests, by, patienceMs, begin }
      const result = await retry(trial, key, record).catch(async (error: unknown) => {
        await noteEnd('failed')
        throw error
      })
      await noteEnd(result.kind)
      events.emit('jobRetried', { jobKey: key, by, result: result.kind })
      return result
    },
  }
}

interface Trial extends Required<Omit<JobControlParts, 'audit' | 'events'>> {
  /** Writes the audit line that must exist before any change. */
  readonly begin: () => Promise<void>
}

async function retry(parts: Trial, key: JobKey, record: JobRecordRead | null): Promise<RetryResult> {
  switch (record?.state) {
    case 'queued':
      return promote(parts, record)
    case 'running':
      return nothing('A worker has it.')
    case 'answered':
      return nothing('It is answered. Its result is reported as soon as Zeebe accepts it.')
    case 'done':
      return record.kind === 'bpmnError' ? retryThrown(parts, record) : nothing(DONE)
    case 'released':
    case 'kept': {
      const left = retriesLeft(record)
      if (left !== null && left > 0)
        return nothing('It has retries left: Zeebe hands it out again after its back-off.')
      return resolve(parts, { key, retries: Math.max(ONE_RETRY, record.retries), lately: true })
    }
    case undefined: {
      // An incident outlives the record of its job.
      const result = await resolve(parts, { key, retries: ONE_RETRY, lately: false })
      return result.kind === 'nothing' ? { kind: 'unknown', message: UNKNOWN } : result
    }
  }
}

/** Zeebe accepts a BPMN error also if nothing in the diagram catches it; it then creates an incident. */
async function retryThrown(parts: Trial, { key, retries }: JobRecordRead): Promise<RetryResult> {
  const result = await resolve(parts, { key, retries: Math.max(ONE_RETRY, retries), lately: true })
  return result.kind === 'nothing' ? nothing(DONE) : result
}

const DONE = 'It is done.'
const UNKNOWN =
  'There is no such job: Quarry does not have it, and Camunda has no open incident of it. Give the key of the job, not of the process instance.'

function nothing(message: string): RetryResult {
  return { kind: 'nothing', message }
}

/** Moves a delayed job to the front of its lane. A budget that is still used up delays it again. */
async function promote(
  { records, queues, budgetWaits, begin }: Trial,
  record: JobRecordRead,
): Promise<RetryResult> {
  const id = queuedJobId(record.key, record.epoch)
  const [place] = await records.places([record])
  if (place?.place === 'missing')
    return nothing('It is in no lane. An adapter lets Zeebe hand it out again, within seconds.')
  if (place?.place !== 'delayed') return nothing('It is already waiting for its turn.')
  await begin()
  const [moved = false] = await queues.promote(record.lane, [id])
  await budgetWaits.remove(record.lane, [id])
  if (!moved) return nothing('It has just become due by itself.')
  return { kind: 'promoted', message: 'It is due now, at the front of its lane.' }
}

async function resolve(
  { requests, by, begin, patienceMs }: Trial,
  request: { readonly key: JobKey; readonly retries: number; readonly lately: boolean },
): Promise<RetryResult> {
  await begin()
  const id = await requests.make({ ...request, by })
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const answer = await requests.answer(id)
    if (answer !== null) return answer
    await sleep(LOOK_EVERY_MS)
  }
  const gaveUp = await requests.giveUp(id)
  const answer = gaveUp ? null : await requests.answer(id)
  if (answer !== null) return answer
  const seconds = Math.round(patienceMs / 1_000)
  const message = gaveUp
    ? `No adapter took the request within ${seconds} s; it is withdrawn. Check that an adapter runs on this Redis with this QUARRY_REDIS_PREFIX and try again, or resolve the incident in Operate.`
    : `An adapter took the request and has not finished within ${seconds} s. Check the job before you try again.`
  return { kind: 'refused', message }
}
