// Limits the bytes of jobs that this process works on at a time, in all lanes: a job takes several times its size while it is read, sent and
// answered, and a full heap ends the process and all its calls. Waiting jobs take turns by lane, tenant and process. A job larger than the
// whole room runs alone.
import { getHeapStatistics } from 'node:v8'
import { FairQueue, type WorkOwner } from '../job/fair-queue.ts'

/** Who asks for room. */
export interface RoomFor extends WorkOwner {
  readonly lane: string
}

/** Gives the room back. Idempotent. */
export type LeaveRoom = () => void

export interface JobRoom {
  /** Null if the job has to wait. @param bytes - of the job while it is worked on. */
  tryEnter(bytes: number): LeaveRoom | null
  /** Waits for room. Rejects when `signal` is aborted. */
  enter(bytes: number, who: RoomFor, signal: AbortSignal): Promise<LeaveRoom>
  /** Whether a job of the lane waits. Then fetch no other. */
  isAwaitedIn(lane: string): boolean
}

interface Waiting {
  readonly bytes: number
  readonly lane: string
  readonly enter: (leave: LeaveRoom) => void
}

/** Part of the room that is reserved for small jobs, so that they do not wait behind large ones. */
const FOR_SMALL = 1 / 8

/** Half of the heap limit. The other half is for everything else, and for garbage that is not collected yet. */
function heapForJobs(): number {
  return getHeapStatistics().heap_size_limit / 2
}

/** @param capacity - bytes. */
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
        // A job that entered meanwhile keeps its room, and leaves it itself.
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
