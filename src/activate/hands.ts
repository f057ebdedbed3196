// What an adapter has in its hands: jobs that Zeebe handed out and that are not in Redis yet, in bytes. How large a job is a diagram
// says, and Zeebe hands out as many as it is asked for, or pushes them unasked: what is beyond the bound goes back, since a heap that is
// full ends the process with all that it holds.
import { getHeapStatistics } from 'node:v8'
import type { ActivatedJob } from '../job/activated-job.ts'

type Sized = Pick<ActivatedJob, 'variables' | 'customHeaders'>

export interface Hands {
  /** Takes a job; false where there is no room for it: it is to go back. */
  take(job: Sized): boolean
  /** These are in Redis, or back with Zeebe. */
  letGo(jobs: readonly Sized[]): void
  /** How many more jobs there is room for, if they are as the last ones were. One at the least while nothing is held. */
  fits(): number
}

/**
 * What a job takes for each UTF-16 unit until Redis has it: its text, what it is read into, the text that is stored, the payload, and
 * the command that carries it.
 */
const BYTES_PER_UNIT = 8
/** Beside its variables and headers. */
const LEAST_BYTES = 2 * 1024
/** Of the heap: in the same process a worker may have half of it. */
const PART_OF_HEAP = 1 / 4
/** Of the room, for jobs that are small: they do not go back for the sake of large ones. */
const FOR_SMALL = 1 / 8
/** A small job takes no more of the room for such than this part. */
const SMALL = 1 / 32
/** How much the last job counts among the last ones. */
const LAST = 1 / 16

/** @param capacity - bytes that may be in hand. */
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
      // One that is larger than all the room is in hand alone.
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
