// Document names that Bedrock accepts: letters and digits, single blanks, hyphens, parentheses and square brackets, at most 200 characters,
// and unique in a request (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html). Pure.

const LONGEST = 200
const FALLBACK = 'document'

/** The nearest valid name; a valid name stays as it is. */
export function sanitizedName(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const allowed = plain.replaceAll(/[^A-Za-z0-9\s()[\]-]+/g, '-').replaceAll(/\s+/g, ' ')
  const trimmed = allowed.slice(0, LONGEST).trim()
  return /[A-Za-z0-9]/.test(trimmed) ? trimmed : FALLBACK
}

/** Makes names unique: the name itself, or with the lowest free number appended. */
export class UniqueNames {
  readonly #taken: Set<string>
  /** By name: all numbers below this are taken. Without it, n documents with one name would need n² look-ups. */
  readonly #next = new Map<string, number>()

  /** @param taken - names already taken. */
  constructor(taken = new Set<string>()) {
    this.#taken = taken
  }

  take(name: string): string {
    let unique = name
    let number = this.#next.get(name) ?? 2
    for (; this.#taken.has(unique); number += 1) {
      const suffix = ` (${number})`
      unique = `${name.slice(0, LONGEST - suffix.length).trimEnd()}${suffix}`
    }
    this.#next.set(name, number)
    this.#taken.add(unique)
    return unique
  }
}
