// How many bytes of jobs this process works on at a time, whichever lanes they are of: a job takes some times its size while it
// is read, sent and answered, and a heap that is full ends the process with everybody's calls. Who has to wait takes turns by
// lane, tenant and process. One that is too large for all of the room runs alone.
import { getHeapStatistics } from 'node:v8'
import { FairQueue, type WorkOwner } from '../job/fair-queue.ts'

/** Whose room it is to be. */
export interface RoomFor extends WorkOwner {
  readonly lane: string
}

/** Gives the room back. Idempotent. */
export type LeaveRoom = () => void

export interface JobRoom {
  /** Null where the job has to wait. @param bytes - of the job as it is worked on. */
  tryEnter(bytes: number): LeaveRoom | null
  /** Waits for room. Rejects when `signal` is aborted. */
  enter(bytes: number, who: RoomFor, signal: AbortSignal): Promise<LeaveRoom>
  /** Whether a job of the lane waits: then no other is to be fetched. */
  isAwaitedIn(lane: string): boolean
}

interface Waiting {
  readonly bytes: number
  readonly lane: string
  readonly enter: (leave: LeaveRoom) => void
}

/** Of the room, for jobs that are small: they do not wait behind large ones. */
const FOR_SMALL = 1 / 8

/** Half of what the heap may grow to: the other half is for what is not a job's, and for what is not collected yet. */
function heapForJobs(): number {
  return getHeapStatistics().heap_size_limit / 2
}

/** @param capacity - bytes that may be worked on. */
export function makeJobRoom(capacity = heapForJobs()): JobRoom {
  const waiting = new FairQueue<Waiting>()
  const lanes = new Map<string, number>()
  const forSmall = capacity * FOR_SMALL
  const longestSmall = forSmall / 32
  let [taken, takenBySmall] = [0, 0]

  const take = (bytes: number, isSmall: boolean): LeaveRoom => {
    if (isSmall) takenBySmall += bytes
    else taken += bytes
    let left = false
    return () => {
      if (left) return
      left = true
      if (isSmall) takenBySmall -= bytes
      else taken -= bytes
      admit()
    }
  }
  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= capacity - forSmall
  const admit = (): void => {
    for (let next = waiting.peek(); next !== undefined && fits(next.bytes); next = waiting.peek()) {
      waiting.take()
      next.enter(take(next.bytes, false))
    }
  }
  const tryEnter = (bytes: number): LeaveRoom | null => {
    if (bytes <= longestSmall && takenBySmall + bytes <= forSmall) return take(bytes, true)
    return waiting.size === 0 && fits(bytes) ? take(bytes, false) : null
  }
  const count = (lane: string, more: number): void => {
    const waitingNow = (lanes.get(lane) ?? 0) + more
    if (waitingNow === 0) lanes.delete(lane)
    else lanes.set(lane, waitingNow)
  }
  return {
    tryEnter,
    async enter(bytes, { lane, tenantId, bpmnProcessId }, signal) {
      signal.throwIfAborted()
      const leave = tryEnter(bytes)
      if (leave !== null) return leave
      const { promise, resolve, reject } = Promise.withResolvers<LeaveRoom>()
      const owner = { tenantId: lane, bpmnProcessId: JSON.stringify([tenantId, bpmnProcessId]) }
      const each = { bytes, lane, enter: resolve }
      const onAbort = (): void => {
        // A job that has entered meanwhile is given its room, and leaves it.
        if (!waiting.remove(owner, each)) return
        reject(signal.reason)
        admit()
      }
      waiting.add(owner, each)
      count(lane, 1)
      signal.addEventListener('abort', onAbort, { once: true })
      return promise.finally(() => {
        count(lane, -1)
        signal.removeEventListener('abort', onAbort)
      })
    },
    isAwaitedIn: (lane) => lanes.has(lane),
  }
}
