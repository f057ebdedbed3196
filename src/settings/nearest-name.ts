// "Did you mean …?" for settings. Pure.
import { closest, distance } from 'fastest-levenshtein'

/** A sentence for the end of a message, with a blank before it; empty when no known name is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(given.toLowerCase(), [...new Set(known.map((name) => name.toLowerCase()))])
  const mistakes = distance(given.toLowerCase(), nearest)
  if (mistakes > Math.max(2, Math.floor(given.length / 3))) return ''
  return ` Did you mean ${known.find((name) => name.toLowerCase() === nearest)}?`
}
