// Stage 1: takes jobs from Zeebe, as many as there is capacity for, and hands them on. Long polling is the base;
// a job stream besides it while capacity is plenty, for latency.
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../camunda/gateway-error.ts'
import type { ActivationRequest, JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import type { Events } from '../telemetry/events.ts'
import { pause } from '../time/bounded-wait.ts'
import { type BacklogBounds, capacity, streamWanted } from './capacity.ts'
import { type Gate, makeGate } from './gate.ts'
import { makeJobBatch } from './job-batch.ts'
import { type PollResult, pollDelay } from './poll-delay.ts'

export interface ActivatorParts {
  readonly port: JobPort
  readonly request: ActivationRequest
  readonly bounds: BacklogBounds
  /** Jobs held and outcomes waiting, of all adapters. */
  readonly backlog: () => Promise<{ held: number; outcomes: number; bytes: number }>
  /** Whether nothing is to be taken for now, however much capacity there is. */
  readonly holding: () => Promise<boolean>
  /**
   * Accepts jobs; resolves with how many of them were returned to Zeebe instead, since their lane has its share of the
   * backlog. When it rejects, they come back by their lease.
   */
  readonly handOn: (jobs: readonly ActivatedJob[]) => Promise<number>
  readonly events: Events
  readonly random: () => number
}

export interface Activator {
  start(): void
  /** Stops taking jobs at once and waits until those taken are handed on. Idempotent. */
  stop(): Promise<void>
}

const MOST_PER_POLL = 100
const LONG_POLL_MS = 20_000
const WHILE_FULL_MS = 250
const WATCH_STREAM_MS = 250
/** While polls bring jobs of a lane that has its share of the backlog, others are looked for more slowly. */
const AFTER_RETURN_MS = 1_000
/** A stream that has brought nothing for this long has nothing on its way. */
const QUIET_MS = 50
const LEAVE_WITHIN_MS = 1_000
/** When Redis has not answered for so long, what the stream brings is better given to other adapters. */
const UNANSWERED_MS = 5_000

export function makeActivator(parts: ActivatorParts): Activator {
  const stopping = new AbortController()
  const state: State = { arriving: 0, streamOpen: false, pending: new Set(), stopping: stopping.signal }
  let loops: Promise<unknown> = Promise.resolve()
  return {
    start() {
      loops = Promise.all([pollLoop(parts, state), streamLoop(parts, state)])
    },
    async stop() {
      stopping.abort()
      await loops
      await Promise.allSettled(state.pending)
    },
  }
}

interface State {
  /** Jobs taken and not handed on yet. */
  arriving: number
  streamOpen: boolean
  readonly pending: Set<Promise<unknown>>
  readonly stopping: AbortSignal
}

async function pollLoop(parts: ActivatorParts, state: State): Promise<void> {
  let last: PollResult = { kind: 'jobs', heldMs: 0, times: 0, streamOpen: false }
  while (!state.stopping.aborted) {
    const startedAt = performance.now()
    const kind = await pollOnce(parts, state)
    if (kind === 'full' || kind === 'returned') {
      await pause(kind === 'full' ? WHILE_FULL_MS : AFTER_RETURN_MS, state.stopping)
      continue
    }
    const times = kind === last.kind ? last.times + 1 : 1
    last = { kind, heldMs: performance.now() - startedAt, times, streamOpen: state.streamOpen }
    await pause(pollDelay(last, parts.random), state.stopping)
  }
}

async function pollOnce(
  parts: ActivatorParts,
  state: State,
): Promise<PollResult['kind'] | 'full' | 'returned'> {
  try {
    const free = await freeCapacity(parts, state)
    if (free === 0) return 'full'
    const maxJobs = Math.min(free, MOST_PER_POLL)
    const request = { ...parts.request, maxJobs, requestTimeoutMs: LONG_POLL_MS }
    const jobs = await parts.port.activate(request, state.stopping)
    if (jobs.length === 0) return 'empty'
    parts.events.emit('activated', { count: jobs.length, by: 'poll' })
    return (await handOn(parts, state, jobs)) > 0 ? 'returned' : 'jobs'
  } catch (error) {
    reportFailure(parts, state, error)
    return 'failed'
  }
}

/** Opens the stream once capacity is plenty, and again when it ended. */
async function streamLoop(parts: ActivatorParts, state: State): Promise<void> {
  let failures = 0
  while (!state.stopping.aborted) {
    const failed = { kind: 'failed', heldMs: 0, times: failures, streamOpen: false } as const
    await pause(failures === 0 ? WATCH_STREAM_MS : pollDelay(failed, parts.random), state.stopping)
    try {
      if (!streamWanted(await freeCapacity(parts, state), parts.bounds.jobs, false)) continue
      await takeFromStream(parts, state)
      failures = 0
    } catch (error) {
      failures += 1
      reportFailure(parts, state, error)
    }
  }
}

/**
 * Takes jobs as they are pushed. Jobs that are on their way to a stream that closes are lost until their lease ends:
 * so the stream is held, not closed, when capacity runs low, and read until it is quiet before it is left.
 */
async function takeFromStream(parts: ActivatorParts, state: State): Promise<void> {
  if (state.stopping.aborted) return
  const gate = makeGate()
  const leaving = new AbortController()
  const closing = new AbortController()
  const close = (): void => closing.abort()
  const holding = holdWhileFull({ parts, state, gate, close, leaving: leaving.signal })
  const batch = makeJobBatch(MOST_PER_POLL, (jobs) => {
    parts.events.emit('activated', { count: jobs.length, by: 'stream' })
    return handOn(parts, state, jobs).then(
      () => undefined,
      (error: unknown) => reportFailure(parts, state, error),
    )
  })
  let cameAt = 0
  const take = (job: ActivatedJob): Promise<void> | undefined => {
    cameAt = performance.now()
    return batch.add(job) ?? gate.closed()
  }
  const leave = async (): Promise<void> => {
    leaving.abort()
    gate.open()
    const latest = performance.now() + LEAVE_WITHIN_MS
    do await sleep(QUIET_MS)
    while (performance.now() - cameAt < QUIET_MS && performance.now() < latest)
    close()
  }
  const onStop = (): void => void leave()
  state.stopping.addEventListener('abort', onStop)
  state.streamOpen = true
  try {
    await parts.port.stream(parts.request, take, closing.signal)
  } finally {
    state.stopping.removeEventListener('abort', onStop)
    state.streamOpen = false
    leaving.abort()
    gate.open()
    await Promise.all([holding, batch.flush()])
  }
}

/** Closes the gate of a stream while capacity is low, and the stream when nobody can tell it. */
async function holdWhileFull(held: {
  readonly parts: ActivatorParts
  readonly state: State
  readonly gate: Gate
  readonly close: () => void
  readonly leaving: AbortSignal
}): Promise<void> {
  const { parts, state, gate, close, leaving } = held
  while (!leaving.aborted) {
    await pause(WATCH_STREAM_MS, leaving)
    const unanswered = setTimeout(close, UNANSWERED_MS)
    try {
      const free = await freeCapacity(parts, state)
      if (leaving.aborted) return
      if (streamWanted(free, parts.bounds.jobs, gate.closed() === undefined)) gate.open()
      else gate.close()
    } catch (error) {
      if (!leaving.aborted) gate.close()
      reportFailure(parts, state, error)
    } finally {
      clearTimeout(unanswered)
    }
  }
}

async function handOn(parts: ActivatorParts, state: State, jobs: readonly ActivatedJob[]): Promise<number> {
  state.arriving += jobs.length
  const handing = parts.handOn(jobs).finally(() => {
    state.arriving -= jobs.length
    state.pending.delete(handing)
  })
  state.pending.add(handing)
  return handing
}

async function freeCapacity(parts: ActivatorParts, state: State): Promise<number> {
  if (await parts.holding()) return 0
  return capacity({ ...(await parts.backlog()), arriving: state.arriving }, parts.bounds)
}

function reportFailure(parts: ActivatorParts, state: State, error: unknown): void {
  if (state.stopping.aborted) return
  if (error instanceof GatewayError) {
    parts.events.emit('activationFailed', { message: error.message, status: error.status })
  } else {
    parts.events.emit('fault', { where: 'activating jobs', error })
  }
}
