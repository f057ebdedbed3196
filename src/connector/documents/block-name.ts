// Names of document blocks that Bedrock takes: letters and digits, single blanks, hyphens, parentheses and square
// brackets, 200 characters at the most, no name twice in a request
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html). Pure.

const LONGEST = 200
const FALLBACK = 'document'

/** The nearest name Bedrock takes; a name that it takes is not changed. */
export function sanitizedName(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '')
  const allowed = plain.replaceAll(/[^A-Za-z0-9\s()[\]-]+/g, '-').replaceAll(/\s+/g, ' ')
  const trimmed = allowed.slice(0, LONGEST).trim()
  return /[A-Za-z0-9]/.test(trimmed) ? trimmed : FALLBACK
}

/** Gives names that are not taken yet: the name itself, or with the lowest number behind it that is free. */
export class UniqueNames {
  readonly #taken: Set<string>
  /** By name: below this number all are taken. Without it, n documents of one name would cost n² looks. */
  readonly #next = new Map<string, number>()

  /** @param taken - names that are taken already. */
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
