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

/** The name, or the name with the lowest number behind it that is not taken. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  let unique = name
  for (let number = 2; taken.has(unique); number += 1) {
    const suffix = ` (${number})`
    unique = `${name.slice(0, LONGEST - suffix.length).trimEnd()}${suffix}`
  }
  return unique
}
