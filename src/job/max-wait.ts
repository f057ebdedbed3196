// How long a job may wait at the most, as its diagram says: task header `quarry.maxWait`, an ISO-8601 duration. It only
// shortens what QUARRY_MAX_WAIT allows. Pure.
import { parseDuration } from './duration.ts'
import { taskHeader } from './task-headers.ts'

export const MAX_WAIT_HEADER = 'quarry.maxWait'

/** A bound that a task sets. */
export interface OwnMaxWait {
  readonly ms: number
  /** As the diagram has it. */
  readonly text: string
}

/** @returns the bound; null where there is none; `wrong` for what is no duration or not positive. */
export function readMaxWait(header: unknown): OwnMaxWait | 'wrong' | null {
  const text = typeof header === 'string' ? header.trim() : ''
  if (text === '') return null
  const ms = parseDuration(text)
  return ms !== null && ms > 0 ? { ms, text } : 'wrong'
}

/**
 * The bound of a job, null for none. One that is wrong bounds nothing: its job is failed before anything is sent.
 * @param customHeaders - JSON text of the task headers.
 */
export function ownMaxWait(customHeaders: string): OwnMaxWait | null {
  const read = readMaxWait(taskHeader(customHeaders, MAX_WAIT_HEADER))
  return read === 'wrong' ? null : read
}
