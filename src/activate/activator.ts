// Stage 1: takes jobs from Zeebe, as many as there is room for, and hands them on. Polls come first, since they bring the
// oldest jobs. A job stream is open as well while nothing waits in Zeebe: it saves the latency of a poll. Jobs beyond the
// bytes that this process has room for go back at once.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { ActivationRequest, JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import type { Events } from '../telemetry/events.ts'
import { waitAtMost } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
import { type Hands, makeHands } from './hands.ts'
import { type JobBatch, makeJobBatch, withinBytes } from './job-batch.ts'
import { type JobStream, makeJobStream } from './job-stream.ts'
import { type LargeJobs, makeLargeJobs } from './large-jobs.ts'
import { type PollResult, pollDelay } from './poll-delay.ts'

export interface ActivatorParts {
  readonly port: JobPort
  readonly request: ActivationRequest
  /** Jobs that all adapters together may hold. */
  readonly maxBacklog: number
  /** How many jobs may be taken now, whichever lanes they belong to. @param arriving - jobs taken and not handed on yet. */
  readonly room: (arriving: number) => Promise<number>
  /**
   * How long jobs that are returned now stay away, ms; null where they may be wanted back sooner. While most jobs of the polls go
   * back, a poll asks for this as the lease: then no command is needed for each returned job.
   */
  readonly awayMs: () => number | null
  /**
   * Accepts activated jobs. Resolves with how many were returned to Zeebe because their lane has its share of the backlog. When it
   * rejects, Zeebe hands the jobs out again once their leases end.
   */
  readonly handOn: (jobs: readonly ActivatedJob[], leaseMs: number) => Promise<number>
  /** Returns jobs to Zeebe because this process has no room for them. Never rejects. */
  readonly giveBack: (jobs: readonly ActivatedJob[]) => Promise<void>
  /** @default a quarter of this process's heap */
  readonly hands?: Hands
  readonly events: Events
  readonly random: () => number
}

const NAME = 'activating jobs'
const MOST_PER_POLL = 100
/**
 * When at least this part of the jobs goes back, polls ask for four times the room, to get past the jobs of stuck lanes: at most a tenth
 * of what comes is expected to stay.
 */
const LOOKED_THROUGH = 4
const MOST_LOOKED_THROUGH = 400
const HARDLY_ANY_TAKEN = 0.9
const LONG_POLL_MS = 20_000
/** A negative time asks the gateway to answer at once: an empty answer then means that no job waits. */
const AT_ONCE_MS = -1
const WHILE_FULL_MS = 100
/** Jobs of a stuck lane come back one by one. They are gathered this long, so that not each of them starts a poll. */
const AFTER_RETURN_MS = 200
/**
 * The lease that a stream asks for. Zeebe may push jobs in the moment in which the stream closes: nobody gets those until their lease
 * ends, so it is short. The lease sweep extends those that arrive.
 */
const STREAM_LEASE_MS = 30_000
/** Jobs that are not handed on by then come back once their lease ends. */
const STOP_WITHIN_MS = 10_000
/** A stream cannot be throttled: it is only opened while this many jobs of recent size have room in this process. */
const STREAM_FITS = 20
const RETURNED_AT_ONCE = 100

/** On stop it takes no more jobs, and waits until those it has taken are handed on. */
export function makeActivator(parts: ActivatorParts): Service {
  const stopping = new AbortController()
  const large = makeLargeJobs(async (job, leaseMs) => {
    await parts.handOn([job], leaseMs).catch((error: unknown) => reportFailure(parts, state, error))
    handedOn(state, [job])
  })
  const state: State = {
    arriving: 0,
    returned: 0,
    pending: new Set(),
    large,
    stopping: stopping.signal,
    hands: parts.hands ?? makeHands(),
    returning: makeJobBatch(RETURNED_AT_ONCE, parts.giveBack),
  }
  const streamLeaseMs = Math.min(parts.request.timeoutMs, STREAM_LEASE_MS)
  const stream = makeJobStream({
    port: parts.port,
    request: () => ({ ...parts.request, timeoutMs: streamLeaseMs }),
    maxBacklog: parts.maxBacklog,
    random: parts.random,
    room: () => parts.room(state.arriving),
    take(job) {
      const taken = take(state, job)
      if (!taken) parts.events.emit('activated', { count: 1, by: 'stream' })
      return taken
    },
    async handOn(jobs) {
      parts.events.emit('activated', { count: jobs.length, by: 'stream' })
      await handOn(parts, state, [...jobs], streamLeaseMs).catch((error: unknown) =>
        reportFailure(parts, state, error),
      )
    },
    onFailure: (error) => reportFailure(parts, state, error),
  })
  const polls = makePolls(parts, state, stream)
  const end = async (): Promise<void> => {
    // A poll under way may still open the stream.
    await Promise.all([polls.stop(), stream.leave()])
    await stream.leave()
    await Promise.allSettled([...state.pending, large.ended(), state.returning.flush()])
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
  /** Part of the last poll's jobs that went back; 0 unless the poll was full, so that Zeebe may have more. */
  returned: number
  readonly large: LargeJobs
  readonly pending: Set<Promise<unknown>>
  readonly hands: Hands
  /** Jobs to return for want of room, without variables and headers. */
  readonly returning: JobBatch
  readonly stopping: AbortSignal
}

/** Takes a job if it has room; otherwise puts it among those to return, and gives false. */
function take({ hands, returning }: State, job: ActivatedJob): boolean {
  const taken = hands.take(job)
  if (!taken) returning.add({ ...job, variables: '{}', customHeaders: '{}' })
  return taken
}

/** How a poll went. `thenMs`: wait before the next poll, where earlier polls do not matter. */
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
    const [room, fits] = [await parts.room(state.arriving), state.hands.fits()]
    if (Math.min(room, fits) === 0) {
      void stream.leave()
      return { kind: 'empty', thenMs: WHILE_FULL_MS }
    }
    const awayMs = state.returned > 0.5 ? parts.awayMs() : null
    const maxJobs = Math.min(fits, mostJobs(room, awayMs === null ? 0 : state.returned))
    const opens = fits >= STREAM_FITS && stream.mayOpen(room)
    const { timeoutMs: leaseMs } = parts.request
    const timeoutMs = Math.min(leaseMs, awayMs ?? leaseMs)
    const requestTimeoutMs = opens ? AT_ONCE_MS : LONG_POLL_MS
    const request = { ...parts.request, maxJobs, timeoutMs, requestTimeoutMs }
    const jobs: ActivatedJob[] = []
    const onJob = (job: ActivatedJob): void => {
      if (take(state, job)) jobs.push(job)
    }
    const came = await parts.port.activate(request, onJob, state.stopping)
    if (came === 0) {
      state.returned = 0
      if (!opens || state.stopping.aborted) return { kind: 'empty' }
      stream.open(room)
      return { kind: 'empty', thenMs: 0 }
    }
    const full = came >= maxJobs
    // Zeebe may have more, older than what the stream would bring.
    if (full) void stream.leave()
    parts.events.emit('activated', { count: came, by: 'poll' })
    const returned = await handOn(parts, state, jobs, timeoutMs)
    state.returned = full ? returned / came : 0
    return returned > 0 && !full ? { kind: 'jobs', thenMs: AFTER_RETURN_MS } : { kind: 'jobs' }
  } catch (error) {
    reportFailure(parts, state, error)
    return { kind: 'failed' }
  }
}

function mostJobs(room: number, returned: number): number {
  const looksThrough = returned >= HARDLY_ANY_TAKEN
  return looksThrough ? Math.min(LOOKED_THROUGH * room, MOST_LOOKED_THROUGH) : Math.min(room, MOST_PER_POLL)
}

/**
 * Hands jobs on in batches of bounded size, and empties `jobs`, so that what is in Redis is no longer held here.
 * @returns how many went back to Zeebe. Large jobs are not waited for, and not counted.
 */
async function handOn(
  parts: ActivatorParts,
  state: State,
  jobs: ActivatedJob[],
  leaseMs: number,
): Promise<number> {
  state.arriving += jobs.length
  const others = [...state.large.take(jobs.splice(0), leaseMs)]
  if (others.length === 0) return 0
  const handing = handOnAll(parts, state, others, leaseMs).finally(() => state.pending.delete(handing))
  state.pending.add(handing)
  return handing
}

async function handOnAll(
  parts: ActivatorParts,
  state: State,
  left: ActivatedJob[],
  leaseMs: number,
): Promise<number> {
  const failures: unknown[] = []
  let returned = 0
  while (left.length > 0) {
    const some = left.splice(0, withinBytes(left))
    try {
      returned += await parts.handOn(some, leaseMs)
    } catch (error) {
      failures.push(error)
    } finally {
      handedOn(state, some)
    }
  }
  if (failures.length > 0) throw failures[0]
  return returned
}

function handedOn(state: State, jobs: readonly ActivatedJob[]): void {
  state.arriving -= jobs.length
  state.hands.letGo(jobs)
}

function reportFailure(parts: ActivatorParts, state: State, error: unknown): void {
  if (state.stopping.aborted) return
  if (error instanceof GatewayError) {
    parts.events.emit('activationFailed', { message: error.message, status: error.status })
  } else {
    parts.events.emit('fault', { where: NAME, error })
  }
}
