// Three-valued logic: null means unknown. Pure; parts are evaluated until the result is certain.
import { Failure, type Result } from './value.ts'

/** FEEL's `or` over any number of parts. */
export function anyHolds(parts: Iterable<() => Result>): Result {
  return decide(parts, true)
}

/** FEEL's `and` over any number of parts. */
export function allHold(parts: Iterable<() => Result>): Result {
  return decide(parts, false)
}

function decide(parts: Iterable<() => Result>, deciding: boolean): Result {
  let unknown = false
  for (const part of parts) {
    const result = part()
    if (result === deciding) return deciding
    if (result instanceof Failure && result.fatal) return result
    if (typeof result !== 'boolean') unknown = true
  }
  return unknown ? null : !deciding
}
