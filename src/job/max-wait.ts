// A task's bound on how long its jobs may wait: header `quarry.maxWait`, an ISO-8601 duration. It can only shorten QUARRY_MAX_WAIT.
// Pure.
import { parseDuration } from './duration.ts'
import { taskHeader } from './task-headers.ts'

export const MAX_WAIT_HEADER = 'quarry.maxWait'

/** A bound that a task sets. */
interface OwnMaxWait {
  readonly ms: number
  /** As it is written in the diagram. */
  readonly text: string
}

/** @returns the bound; null if there is none; `wrong` if the header is no duration, or is not positive. */
export function readMaxWait(header: unknown): OwnMaxWait | 'wrong' | null {
  const text = typeof header === 'string' ? header.trim() : ''
  if (text === '') return null
  const ms = parseDuration(text)
  return ms !== null && ms > 0 ? { ms, text } : 'wrong'
}

/**
 * The bound of a job, null for none. A wrong header sets no bound: its job is failed before anything is sent.
 * @param customHeaders - JSON text of the task headers.
 */
export function ownMaxWait(customHeaders: string): OwnMaxWait | null {
  const read = readMaxWait(taskHeader(customHeaders, MAX_WAIT_HEADER))
  return read === 'wrong' ? null : read
}
