// The job stream of an adapter: Zeebe pushes new jobs to it the moment they come to be. It has no flow control, and it
// passes by what waits in Zeebe, so it is open only while nothing waits there and there is room. What is pushed is read
// at once, always: a job that lay unread would be lost until its lease ends. What there is no room for goes back.
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import type { ActivationRequest, JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import { pause } from '../time/bounded-wait.ts'
import { streamFits } from './capacity.ts'
import { makeJobBatch } from './job-batch.ts'
import { pollDelay } from './poll-delay.ts'

export interface JobStreamParts {
  readonly port: Pick<JobPort, 'stream'>
  readonly request: ActivationRequest
  /** Jobs that all adapters together may hold. */
  readonly maxBacklog: number
  /** Jobs that may be taken now, whichever lanes they are of. */
  readonly room: () => Promise<number>
  /** Takes what came into the adapter's hands; false where it is to go back, which it sees to. */
  readonly take: (job: ActivatedJob) => boolean
  /** Must not reject. */
  readonly handOn: (jobs: readonly ActivatedJob[]) => Promise<void>
  readonly onFailure: (error: unknown) => void
  readonly random: () => number
}

export interface JobStream {
  isOpen(): boolean
  /** Whether it is closed and may be opened with so much room, once Zeebe has nothing waiting. */
  mayOpen(room: number): boolean
  /** Opens it, for jobs that fit into so much room. */
  open(room: number): void
  /** Leaves it, if it is open. Resolves when all that came is handed on. */
  leave(): Promise<void>
}

const MOST_AT_ONCE = 100
const WATCH_MS = 250
/**
 * Before it is left, a stream is read until it has brought nothing for so long, but no longer than the second of these:
 * while Zeebe goes on pushing there is no better moment to wait for.
 */
const QUIET_MS = 50
const LEAVE_WITHIN_MS = 200
const SOCKET_TURNS = 3
/** When Redis has not answered for so long, what the stream brings is better given to other adapters. */
const UNANSWERED_MS = 2_000
/** A stream that a gateway ends so soon is not opened again at once. */
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
  /** Resolves when it has ended and all that came is handed on; rejects when it broke. */
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
      await pause(WATCH_MS, leaving.signal)
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
        await parts.port.stream(parts.request, take, closing.signal)
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
  // Timers come before sockets: what has arrived while this process was busy is read first.
  for (let turns = 0; turns < SOCKET_TURNS; turns += 1) await immediate()
}
