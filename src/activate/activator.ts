// Stage 1: takes jobs from Zeebe, as many as there is room for, and hands them on. Polls are the base, since they bring
// the oldest first; a job stream is open besides while Zeebe has nothing waiting, for latency.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { ActivationRequest, JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import type { Events } from '../telemetry/events.ts'
import { waitAtMost } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
import { type JobStream, makeJobStream } from './job-stream.ts'
import { type LargeJobs, makeLargeJobs } from './large-jobs.ts'
import { type PollResult, pollDelay } from './poll-delay.ts'

export interface ActivatorParts {
  readonly port: JobPort
  readonly request: ActivationRequest
  /** Jobs that all adapters together may hold. */
  readonly maxBacklog: number
  /** Jobs that may be taken now, whichever lanes they are of, with so many on their way already. */
  readonly room: (arriving: number) => Promise<number>
  /**
   * Accepts jobs that were activated with a lease; resolves with how many of them were returned to Zeebe instead, since
   * their lane has its share of the backlog. When it rejects, they come back by their lease.
   */
  readonly handOn: (jobs: readonly ActivatedJob[], leaseMs: number) => Promise<number>
  readonly events: Events
  readonly random: () => number
}

const NAME = 'activating jobs'
const MOST_PER_POLL = 100
const LONG_POLL_MS = 20_000
/** A negative time asks the gateway to answer at once: empty then says that nothing waits. */
const AT_ONCE_MS = -1
const WHILE_FULL_MS = 100
/** Jobs of a stuck lane that come back one by one are gathered, so that not each of them makes a poll. */
const AFTER_RETURN_MS = 200
/**
 * The lease that a stream asks for. Jobs that are on their way to a stream in the moment in which it closes are lost until
 * their lease ends, and nobody can tell which; those that arrive are extended by the lease sweep.
 */
const STREAM_LEASE_MS = 30_000
/** A job that is not handed on in that time comes back by its lease. */
const STOP_WITHIN_MS = 10_000

/** When it stops it takes no more jobs at once, and waits until those taken are handed on. */
export function makeActivator(parts: ActivatorParts): Service {
  const stopping = new AbortController()
  const pending = new Set<Promise<unknown>>()
  const large = makeLargeJobs(async (job, leaseMs) => {
    await parts.handOn([job], leaseMs).catch((error: unknown) => reportFailure(parts, state, error))
    state.arriving -= 1
  })
  const state: State = { arriving: 0, pending, large, stopping: stopping.signal }
  const request = { ...parts.request, timeoutMs: Math.min(parts.request.timeoutMs, STREAM_LEASE_MS) }
  const stream = makeJobStream({
    ...{ port: parts.port, request, maxBacklog: parts.maxBacklog, random: parts.random },
    room: () => parts.room(state.arriving),
    async handOn(jobs) {
      parts.events.emit('activated', { count: jobs.length, by: 'stream' })
      await handOn(parts, state, jobs, request.timeoutMs).catch((error: unknown) =>
        reportFailure(parts, state, error),
      )
    },
    onFailure: (error) => reportFailure(parts, state, error),
  })
  const polls = makePolls(parts, state, stream)
  const end = async (): Promise<void> => {
    // A poll under way may open the stream still.
    await Promise.all([polls.stop(), stream.leave()])
    await stream.leave()
    await Promise.allSettled([...pending, large.ended()])
  }
  return {
    ...polls,
    async stop() {
      stopping.abort()
      await waitAtMost(STOP_WITHIN_MS, end())
    },
  }
}

interface State {
  /** Jobs taken and not handed on yet. */
  arriving: number
  readonly large: LargeJobs
  readonly pending: Set<Promise<unknown>>
  readonly stopping: AbortSignal
}

/** How a poll went, and how long to wait before the next one, ms, where that does not depend on the ones before. */
type Polled = { readonly kind: PollResult['kind']; readonly thenMs?: number }

function makePolls(parts: ActivatorParts, state: State, stream: JobStream): Service {
  let last: PollResult = { kind: 'jobs', heldMs: 0, times: 0, streamOpen: false }
  return makeService({
    name: NAME,
    async round() {
      const startedAt = performance.now()
      const { kind, thenMs } = await pollOnce(parts, state, stream)
      const times = kind === last.kind && thenMs === undefined ? last.times + 1 : 1
      last = { kind, heldMs: performance.now() - startedAt, times, streamOpen: stream.isOpen() }
      return thenMs ?? pollDelay(last, parts.random)
    },
    onFault: ({ error }) => reportFailure(parts, state, error),
    stopWithinMs: STOP_WITHIN_MS,
  })
}

async function pollOnce(parts: ActivatorParts, state: State, stream: JobStream): Promise<Polled> {
  try {
    await state.large.room()
    const room = await parts.room(state.arriving)
    if (room === 0) {
      void stream.leave()
      return { kind: 'empty', thenMs: WHILE_FULL_MS }
    }
    const maxJobs = Math.min(room, MOST_PER_POLL)
    const opens = stream.mayOpen(room)
    const request = { ...parts.request, maxJobs, requestTimeoutMs: opens ? AT_ONCE_MS : LONG_POLL_MS }
    const jobs = await parts.port.activate(request, state.stopping)
    if (jobs.length === 0) {
      if (!opens || state.stopping.aborted) return { kind: 'empty' }
      stream.open(room)
      return { kind: 'empty', thenMs: 0 }
    }
    const full = jobs.length >= maxJobs
    // There may be more, and they are older than what the stream would bring.
    if (full) void stream.leave()
    parts.events.emit('activated', { count: jobs.length, by: 'poll' })
    const returned = await handOn(parts, state, jobs, parts.request.timeoutMs)
    return returned > 0 && !full ? { kind: 'jobs', thenMs: AFTER_RETURN_MS } : { kind: 'jobs' }
  } catch (error) {
    reportFailure(parts, state, error)
    return { kind: 'failed' }
  }
}

/** @returns how many went back to Zeebe; of large ones, which are not waited for, that is not known. */
async function handOn(
  parts: ActivatorParts,
  state: State,
  jobs: readonly ActivatedJob[],
  leaseMs: number,
): Promise<number> {
  state.arriving += jobs.length
  const others = state.large.take(jobs, leaseMs)
  if (others.length === 0) return 0
  const handing = parts.handOn(others, leaseMs).finally(() => {
    state.arriving -= others.length
    state.pending.delete(handing)
  })
  state.pending.add(handing)
  return handing
}

function reportFailure(parts: ActivatorParts, state: State, error: unknown): void {
  if (state.stopping.aborted) return
  if (error instanceof GatewayError) {
    parts.events.emit('activationFailed', { message: error.message, status: error.status })
  } else {
    parts.events.emit('fault', { where: NAME, error })
  }
}
