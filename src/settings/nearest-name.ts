// "Did you mean …?" for settings. Pure.
import { closest, distance } from 'fastest-levenshtein'

/** A sentence for the end of a message, with a blank before it; empty when no known name is near. */
export function didYouMean(given: string, known: readonly string[]): string {
  const meant = ofSameWords(given, known, 0) ?? ofNearSpelling(given, known) ?? ofSameWords(given, known, 3)
  return meant === undefined ? '' : ` Did you mean ${meant}?`
}

function ofNearSpelling(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const nearest = closest(given.toLowerCase(), [...new Set(known.map((name) => name.toLowerCase()))])
  const mistakes = distance(given.toLowerCase(), nearest)
  // The prefix that all have says nothing.
  const length = given.replace(/^QUARRY_/i, '').length
  if (mistakes > Math.max(2, Math.floor(length / 3))) return undefined
  return known.find((name) => name.toLowerCase() === nearest)
}

/** The name that has all words of the given one, and the fewest others: `REDIS_URL` for `QUARRY_REDIS_URL`. */
function ofSameWords(given: string, known: readonly string[], mostOthers: number): string | undefined {
  const wanted = wordsOf(given)
  if (wanted.length < (mostOthers === 0 ? 2 : 1)) return undefined
  return known
    .map((name) => ({ name, words: wordsOf(name) }))
    .filter(({ words }) => wanted.every((word) => words.includes(word)))
    .filter(({ words }) => words.length - wanted.length <= mostOthers)
    .sort((a, b) => a.words.length - b.words.length)[0]?.name
}

/** Without the prefix that names of ours have, and which others are given by mistake. */
function wordsOf(name: string): readonly string[] {
  return name
    .toUpperCase()
    .split('_')
    .filter((word) => word !== '' && word !== 'QUARRY')
}
