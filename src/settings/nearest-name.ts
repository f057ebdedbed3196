// "Did you mean …?" for settings, commands and flags. Pure.
import { closest, distance } from 'fastest-levenshtein'

/** The known name that is most like the given one; null when none is alike enough to be meant. */
export function nearestName(given: string, known: readonly string[]): string | null {
  if (known.length === 0) return null
  const nearest = closest(given.toLowerCase(), [...new Set(known.map((name) => name.toLowerCase()))])
  const mistakes = distance(given.toLowerCase(), nearest)
  if (mistakes > Math.max(2, Math.floor(given.length / 3))) return null
  return known.find((name) => name.toLowerCase() === nearest) ?? null
}

/** A sentence for the end of a message, with a blank before it; empty when no name is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const nearest = nearestName(given, known)
  return nearest === null ? '' : ` Did you mean ${nearest}?`
}
