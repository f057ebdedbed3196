// Another try of a job, as an operator asks for it. One that is delayed goes to its turn at once; what failed has an incident,
// which an adapter resolves, as only adapters hold credentials for Camunda.
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
 * - `promoted`: it was delayed, and is due now;
 * - `resolved`: its incident is, and its retries are set;
 * - `nothing`: there is nothing to do, the message says why;
 * - `unknown`: neither Quarry nor Camunda knows of anything to do for such a job;
 * - `refused`: it could not be done, the message says why and what to do.
 */
export interface RetryResult {
  readonly kind: RetryEnd
  readonly message: string
}

export interface JobControl {
  /** Bounded: takes {@link JobControlParts.patienceMs} at the most while an adapter is waited for. */
  retry(key: JobKey): Promise<RetryResult>
}

export interface JobControlParts {
  readonly records: JobRecords
  readonly queues: LaneQueues
  readonly budgetWaits: Pick<BudgetWaits, 'remove'>
  readonly requests: RetryRequests
  readonly audit: Pick<AuditLog, 'add'>
  readonly events: Events
  /** Who does it, `user@host`. */
  readonly by: string
  /** How long an adapter's answer is waited for, ms. @default 20000 */
  readonly patienceMs?: number
}

const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 100
/** Of a job whose retries are not known any more. */
const ONE_RETRY = 1

export function makeJobControl(parts: JobControlParts): JobControl {
  const { records, audit, events, by } = parts
  return {
    async retry(key) {
      const [record = null] = await records.read([key])
      const lanes = record === null ? [] : [record.lane]
      const note = (said: string) => audit.add({ by, action: 'retry', change: `job ${key}: ${said}`, lanes })
      // What is done has its line already, whether this one is taken or not.
      const noteEnd = (said: string) =>
        note(said).catch((error: unknown) =>
          events.emit('fault', { where: `the audit of job ${key}`, error }),
        )
      const trial = { ...parts, begin: () => note('asked for') }
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

interface Trial extends JobControlParts {
  /** Leaves the line of the audit log without which nothing is changed. */
  readonly begin: () => Promise<void>
}

async function retry(parts: Trial, key: JobKey, record: JobRecordRead | null): Promise<RetryResult> {
  switch (record?.state) {
    case 'queued':
      return promote(parts, record)
    case 'running':
      return nothing('It is with a worker.')
    case 'answered':
      return nothing('It is answered, and Zeebe is told as soon as it can be.')
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
      // An incident outlives what is remembered of its job.
      const result = await resolve(parts, { key, retries: ONE_RETRY, lately: false })
      return result.kind === 'nothing' ? { kind: 'unknown', message: UNKNOWN } : result
    }
  }
}

/** A BPMN error is an incident where nothing in the diagram catches it; Zeebe takes it either way. */
async function retryThrown(parts: Trial, { key, retries }: JobRecordRead): Promise<RetryResult> {
  const result = await resolve(parts, { key, retries: Math.max(ONE_RETRY, retries), lately: true })
  return result.kind === 'nothing' ? nothing(DONE) : result
}

const DONE = 'It is done.'
const UNKNOWN =
  'Nothing is known of such a job: it is not here, and Camunda has no open incident of it. Its key is that of the job, not of its instance.'

function nothing(message: string): RetryResult {
  return { kind: 'nothing', message }
}

/** To the front of its lane, where BullMQ puts what had its turn before. A budget that says no puts it back. */
async function promote(
  { records, queues, budgetWaits, begin }: Trial,
  record: JobRecordRead,
): Promise<RetryResult> {
  const id = queuedJobId(record.key, record.epoch)
  const [place] = await records.places([record])
  if (place?.place === 'missing')
    return nothing('It is in no lane: an adapter has Zeebe hand it out again, within seconds.')
  if (place?.place !== 'delayed') return nothing('It waits for its turn, and is not put off.')
  await begin()
  const [moved = false] = await queues.promote(record.lane, [id])
  await budgetWaits.remove(record.lane, [id])
  if (!moved) return nothing('It has just come to its turn by itself.')
  return { kind: 'promoted', message: 'It is due now, in front of its lane.' }
}

async function resolve(
  { requests, by, begin, patienceMs = PATIENCE_MS }: Trial,
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
    ? `No adapter took it within ${seconds} s, and none will now. Is one running, on this Redis and with this QUARRY_REDIS_PREFIX? Try again then, or resolve its incident in Operate.`
    : `An adapter is at work on it, and has not ended within ${seconds} s. Look at the job again before you try again.`
  return { kind: 'refused', message }
}
