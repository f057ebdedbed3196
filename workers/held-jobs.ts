// How an adapter takes jobs over from Zeebe, and how it lets go of a job that Zeebe no longer has. Wiring only.
import { makeOwnLeases, type OwnLease } from '../src/activate/own-lease.ts'
import { makeJobReturns } from '../src/activate/return-jobs.ts'
import { makeStraySweep } from '../src/activate/stray-jobs.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import { checkHeaders, jobTimeoutMs, retryBackoffMs } from '../src/connector/headers.ts'
import type { Enqueuer } from '../src/enqueue/enqueue-jobs.ts'
import type { ActivatedJob, LeasedJob } from '../src/job/activated-job.ts'
import type { JobKey } from '../src/job/ids.ts'
import type { Line } from '../src/job/line.ts'
import { queuedJobId } from '../src/job/queued-job.ts'
import { type Headers, parseHeaders } from '../src/job/task-headers.ts'
import type { LaneQueues } from '../src/lanes/queue/lane-queues.ts'
import type { Leased } from '../src/ledger/lease-store.ts'
import { makeStrayLook, type StrayJob } from '../src/ledger/strays.ts'
import { makeWorkerRuns } from '../src/ledger/worker-pulse.ts'
import type { Settings } from '../src/settings/settings.ts'
import { ofJob } from '../src/telemetry/named-job.ts'
import type { Span, Tracing } from '../src/telemetry/tracing.ts'
import type { Service } from '../src/time/service.ts'
import { lineNow } from './connector-line.ts'
import type { ProcessParts } from './role.ts'
import type { GoAway } from './room.ts'

interface HandOnParts {
  readonly port: JobPort
  readonly enqueuer: Enqueuer
  readonly goAway: GoAway
  readonly stopping: AbortSignal
}

/** Puts activated jobs into their lanes; those that cannot be queued go back to Zeebe. */
export function makeHandOn(parts: ProcessParts, { port, enqueuer, goAway, stopping }: HandOnParts) {
  const { events, settings } = parts
  const ownLeases = makeOwnLeases({
    port,
    events,
    asked: (customHeaders) => askedLease(parseHeaders(customHeaders), lineNow(parts), settings),
  })
  const returns = makeJobReturns({ port, random: Math.random })
  return async (activated: readonly ActivatedJob[], leaseMs: number): Promise<number> => {
    let jobs: readonly LeasedJob[] = []
    try {
      jobs = await ownLeases(activated, leaseMs)
      const left = await enqueuer.enqueue(jobs)
      await goAway(left)
      return left.length
    } catch (error) {
      await (stopping.aborted ? returns.atOnce(jobs) : returns.forNow(jobs))
      throw error
    }
  }
}

/** Returns jobs to Zeebe for some seconds, because this process has no room for them. */
export function makeGiveBackForNow({ events }: ProcessParts, port: JobPort) {
  const returns = makeJobReturns({ port, random: Math.random })
  return async (jobs: readonly ActivatedJob[]): Promise<void> => {
    for (const job of jobs) events.emit('returned', { ...ofJob(job), reason: 'adapterFull' })
    await returns.forNow(jobs)
  }
}

/**
 * Whether a job is in its lane. A job that is in none (its adapter died before adding it, or Redis lost it) must come back, so its lease is
 * not extended. {@link makeStrays} calls it back before the lease ends.
 */
export function makePresent({ leases }: ProcessParts, queues: LaneQueues): (key: JobKey) => Promise<boolean> {
  return async (jobKey) => {
    const found = await leases.find(jobKey)
    return found !== null && queues.has(found.lane, queuedJobId(jobKey, found.epoch))
  }
}

/** Finds jobs that are in no lane and on no worker, and has Zeebe hand them out again at once. */
export function makeStrays(parts: ProcessParts, port: JobPort, queues: LaneQueues): Service {
  const { redis, keys, name, events, tracing } = parts
  return makeStraySweep({
    port,
    events,
    withdraw: makeWithdraw(parts, queues),
    look: makeStrayLook({ redis, keys, name, runs: makeWorkerRuns(redis, keys) }),
    onCalled(stray: StrayJob) {
      const { key: jobKey, lane, processId } = stray
      const message = 'it was in no lane; Zeebe hands it out again'
      const span = startInLane(tracing, 'lose lease', { jobKey, ...stray })
      span.run(() => events.emit('leaseLost', { jobKey, processId, lane, message, status: 'NOT_IN_LANE' }))
      span.end()
    },
  })
}

/** Ends whatever waits or runs for a job that Zeebe no longer has. */
export function makeWithdraw(
  { leases, events, settings, tracing }: ProcessParts,
  queues: LaneQueues,
): (key: JobKey) => Promise<void> {
  const memory = {
    rememberMs: Math.max(2 * settings.leaseMs, settings.jobHistoryMs),
    leaseMs: settings.leaseMs,
  }
  return async (jobKey) => {
    const withdrawn = await leases.withdraw(jobKey, memory)
    if (withdrawn === null) return
    const { state: was, epoch, lane, processId } = withdrawn
    const span = startInLane(tracing, 'withdraw', { jobKey, ...withdrawn })
    span.run(() => events.emit('withdrawn', { jobKey, processId, lane, was }))
    span.end()
    const id = queuedJobId(jobKey, epoch)
    if (was === 'running') await leases.tellWithdrawn(id)
    else await queues.remove(lane, id)
  }
}

function askedLease(headers: Headers, line: Line, { aws }: Settings): OwnLease | null {
  const asked = checkHeaders(headers, line) === null ? jobTimeoutMs(headers, line) : null
  if (asked === null) return null
  return { leaseMs: Math.min(asked, aws.maxTaskTimeoutMs), retryBackoffMs: retryBackoffMs(headers) }
}

/** The span of something that happens to a job while it waits or runs. */
function startInLane(tracing: Tracing, name: string, job: Leased & { readonly jobKey: JobKey }): Span {
  const { jobKey, processId, epoch, lane, trace: parent } = job
  const names = { 'camunda.job.key': jobKey, 'camunda.process.id': processId }
  const attributes = { ...names, 'quarry.epoch': epoch, 'quarry.lane': lane }
  return tracing.start({ name, kind: 'internal', parent, attributes })
}
