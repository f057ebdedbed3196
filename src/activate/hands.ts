// Jobs that Zeebe handed out and that are not in Redis yet, bounded in bytes. Diagrams decide how large jobs are, and Zeebe pushes them
// unasked: whatever exceeds the bound goes back, because a full heap would end the process with everything in it.
import { getHeapStatistics } from 'node:v8'
import type { ActivatedJob } from '../job/activated-job.ts'

type Sized = Pick<ActivatedJob, 'variables' | 'customHeaders'>

export interface Hands {
  /** Takes a job. False: there is no room, the caller must return it. */
  take(job: Sized): boolean
  /** Frees the room of jobs that are in Redis, or back with Zeebe. */
  letGo(jobs: readonly Sized[]): void
  /** How many more jobs of recent size fit; at least one while nothing is held. */
  fits(): number
}

/**
 * Bytes per UTF-16 unit of a job until Redis has it: its text, the parsed tree, the text to be stored, the payload, and the command
 * that carries it.
 */
const BYTES_PER_UNIT = 8
/** Of a job without variables and headers. */
const LEAST_BYTES = 2 * 1024
/** A worker in the same process may use half of the heap. */
const PART_OF_HEAP = 1 / 4
/** Part of the room that is reserved for small jobs, so that large ones cannot crowd them out. */
const FOR_SMALL = 1 / 8
/** A job counts as small up to this part of the room for small jobs. */
const SMALL = 1 / 32
/** Weight of the newest job in the moving average of sizes. */
const LAST = 1 / 16

/** @param capacity - bytes that may be held. */
export function makeHands(capacity = getHeapStatistics().heap_size_limit * PART_OF_HEAP): Hands {
  const room = { small: capacity * FOR_SMALL, any: capacity * (1 - FOR_SMALL) }
  const taken = { small: 0, any: 0 }
  const held = new Map<Sized, { readonly bytes: number; readonly of: keyof typeof room }>()
  let usual = LEAST_BYTES
  return {
    take(job) {
      const bytes = bytesOf(job)
      usual += (bytes - usual) * LAST
      const isSmall = bytes <= room.small * SMALL && taken.small + bytes <= room.small
      // A job larger than all the room is taken while no other large job is held.
      if (!isSmall && taken.any > 0 && taken.any + bytes > room.any) return false
      const of = isSmall ? 'small' : 'any'
      taken[of] += bytes
      held.set(job, { bytes, of })
      return true
    },
    letGo(jobs) {
      for (const job of jobs) {
        const its = held.get(job)
        if (its === undefined) continue
        taken[its.of] -= its.bytes
        held.delete(job)
      }
    },
    fits() {
      const forUsual = usual <= room.small * SMALL ? room.small - taken.small : 0
      const left = Math.floor((room.any - taken.any + forUsual) / usual)
      return held.size === 0 ? Math.max(1, left) : Math.max(0, left)
    },
  }
}

function bytesOf({ variables, customHeaders }: Sized): number {
  return LEAST_BYTES + BYTES_PER_UNIT * (variables.length + customHeaders.length)
}
