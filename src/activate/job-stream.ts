// The job stream of an adapter: Zeebe pushes new jobs to it as they are created. It has no flow control, and it skips jobs that
// already wait in Zeebe, so it is open only while none wait there and there is room here. What is pushed is always read at once: an
// unread job would be stuck until its lease ends. Jobs that find no room go back.
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import type { ActivationRequest, JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import { pause } from '../time/bounded-wait.ts'
import { streamFits } from './capacity.ts'
import { makeJobBatch } from './job-batch.ts'
import { pollDelay } from './poll-delay.ts'

export interface JobStreamParts {
  readonly port: Pick<JobPort, 'stream'>
  /** Called when a stream is opened. */
  readonly request: () => ActivationRequest
  /** Jobs that all adapters together may hold. */
  readonly maxBacklog: number
  /** How many jobs may be taken now, whichever lanes they belong to. */
  readonly room: () => Promise<number>
  /** Takes a pushed job. False: there is no room, and the callee has returned it. */
  readonly take: (job: ActivatedJob) => boolean
  /** Must not reject. */
  readonly handOn: (jobs: readonly ActivatedJob[]) => Promise<void>
  readonly onFailure: (error: unknown) => void
  readonly random: () => number
}

export interface JobStream {
  isOpen(): boolean
  /** Whether the stream is closed and may be opened with this much room, once nothing waits in Zeebe. */
  mayOpen(room: number): boolean
  /** Opens the stream. @param room - jobs that may be taken. */
  open(room: number): void
  /** Closes the stream if it is open. Resolves when all that came is handed on. */
  leave(): Promise<void>
}

const MOST_AT_ONCE = 100
const WATCH_MS = 250
/** The same while nothing comes: the next job makes it look at once. */
const IDLE_WATCH_MS = 2_000
const IDLE_AFTER_MS = 5_000
/**
 * A stream that is to close is read until it was quiet for the first of these, but no longer than the second: while Zeebe goes on
 * pushing, waiting gains nothing.
 */
const QUIET_MS = 50
const LEAVE_WITHIN_MS = 200
const SOCKET_TURNS = 3
/** If Redis has not answered for this long, other adapters are better placed to take the jobs. */
const UNANSWERED_MS = 2_000
/** A stream that the gateway ended sooner than this is only opened again after a pause. */
const SHORT_MS = 1_000

interface Opened {
  readonly ended: Promise<void>
  leave(): void
}

export function makeJobStream(parts: JobStreamParts): JobStream {
  let opened: Opened | undefined
  let failures = 0
  let notBefore = 0
  const failed = (): void => {
    failures += 1
    const last = { kind: 'failed', heldMs: 0, times: failures, streamOpen: false } as const
    notBefore = performance.now() + pollDelay(last, parts.random)
  }
  const run = async (stream: OneStream): Promise<void> => {
    const startedAt = performance.now()
    try {
      await stream.run()
      if (stream.isLeft() || performance.now() - startedAt > SHORT_MS) failures = 0
      else failed()
    } catch (error) {
      failed()
      parts.onFailure(error)
    } finally {
      opened = undefined
    }
  }
  return {
    isOpen: () => opened !== undefined,
    mayOpen: (room) =>
      opened === undefined && performance.now() >= notBefore && streamFits(room, parts.maxBacklog, false),
    open(room) {
      if (opened !== undefined) return
      const stream = makeOneStream(parts, room)
      opened = { ended: run(stream), leave: stream.leave }
    },
    async leave() {
      const last = opened
      last?.leave()
      await last?.ended
    },
  }
}

interface OneStream {
  /** Resolves when the stream has ended and all that came is handed on; rejects when it broke. */
  run(): Promise<void>
  leave(): void
  isLeft(): boolean
}

function makeOneStream(parts: JobStreamParts, firstRoom: number): OneStream {
  const closing = new AbortController()
  const leaving = new AbortController()
  const batch = makeJobBatch(MOST_AT_ONCE, parts.handOn)
  let room = firstRoom
  let cameAt = performance.now()
  /** Aborted when a job comes that ends a quiet time. */
  let came = new AbortController()
  const leave = (): void => {
    if (leaving.signal.aborted) return
    leaving.abort()
    void quiet(() => cameAt).then(() => closing.abort())
  }
  const leaveIfFull = (): void => {
    if (!streamFits(room, parts.maxBacklog, true)) leave()
  }
  const watch = async (): Promise<void> => {
    for (;;) {
      const isIdle = performance.now() - cameAt > IDLE_AFTER_MS
      if (isIdle) await pause(IDLE_WATCH_MS, AbortSignal.any([leaving.signal, came.signal]))
      else await pause(WATCH_MS, leaving.signal)
      came = new AbortController()
      if (leaving.signal.aborted) return
      const unanswered = setTimeout(leave, UNANSWERED_MS)
      try {
        room = await parts.room()
        leaveIfFull()
      } catch (error) {
        leave()
        parts.onFailure(error)
      } finally {
        clearTimeout(unanswered)
      }
    }
  }
  const take = (job: ActivatedJob): void => {
    cameAt = performance.now()
    // Without a reason, each job would create a DOMException with its stack.
    came.abort('came')
    if (!parts.take(job)) {
      leave()
      return
    }
    room -= 1
    batch.add(job)
    leaveIfFull()
  }
  return {
    async run() {
      const watching = watch()
      try {
        await parts.port.stream(parts.request(), take, closing.signal)
      } finally {
        leaving.abort()
        await Promise.all([watching, batch.flush()])
      }
    },
    leave,
    isLeft: () => closing.signal.aborted,
  }
}

async function quiet(cameAt: () => number): Promise<void> {
  const latest = performance.now() + LEAVE_WITHIN_MS
  do await sleep(QUIET_MS)
  while (performance.now() - cameAt() < QUIET_MS && performance.now() < latest)
  // Node runs timers before sockets: read first what arrived while this process was busy.
  for (let turns = 0; turns < SOCKET_TURNS; turns += 1) await immediate()
}
