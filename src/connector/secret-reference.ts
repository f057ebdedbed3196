// Finds references to secrets in a text: `{{secrets.NAME}}` and the bare `secrets.NAME`. Pure, and linear in the length of the text, which
// may come from anybody who can start a process. Knows only names, never values.
import type { Compatibility } from './compatibility.ts'

/** A reference; its text is `text.slice(start, end)`. */
interface SecretReference {
  readonly name: string
  readonly start: number
  readonly end: number
}

const MARK = 'secrets.'
/** Since 8.10 the broker resolves these references before it hands out a job. */
const CLUSTER = 'camunda.'

/** Whether there may be a reference: a quick check that may be wrong for yes, never for no. */
export function mayHoldSecrets(text: string): boolean {
  return text.includes(MARK)
}

/**
 * All references, from left to right, without overlaps: as one scan for `\{\{\s*secrets\.(\S+?)\s*}}` or else
 * `secrets\.(([a-zA-Z0-9]+[/._-])*[a-zA-Z0-9]+)` finds them (connector contract 3.2, the lines of September 2026). The bare form needs no
 * word boundary before it.
 */
export function secretReferences(text: string, compatibility: Compatibility): readonly SecretReference[] {
  const found: SecretReference[] = []
  const ahead = new Ahead(text)
  let from = 0
  for (let at = text.indexOf(MARK); at !== -1; at = text.indexOf(MARK, Math.max(from, at + 1))) {
    const own = compatibility === '8.10' ? clusterReference(text, at, from) : null
    const reference = own ?? braced({ text, at, from }, ahead) ?? bare(text, at)
    if (reference === null) continue
    from = reference.end
    if (own === null) found.push(reference)
  }
  return found
}

function clusterReference(text: string, at: number, from: number): SecretReference | null {
  const start = at - CLUSTER.length
  if (start < from || !text.startsWith(CLUSTER, start)) return null
  let end = at + MARK.length
  while (/[A-Za-z0-9_-]/.test(text.charAt(end))) end += 1
  return end === at + MARK.length ? null : { name: text.slice(at + MARK.length, end), start, end }
}

function braced(
  { text, at, from }: { text: string; at: number; from: number },
  ahead: Ahead,
): SecretReference | null {
  let open = at
  while (open > from && isSpace(text.charAt(open - 1))) open -= 1
  const start = open - 2
  if (start < from || !text.startsWith('{{', start)) return null
  const nameStart = at + MARK.length
  const wordEnd = ahead.wordEnd(nameStart)
  const close = ahead.close(nameStart + 1)
  if (close < wordEnd) return { name: text.slice(nameStart, close), start, end: close + 2 }
  const after = ahead.spaceEnd(wordEnd)
  if (wordEnd === nameStart || !text.startsWith('}}', after)) return null
  return { name: text.slice(nameStart, wordEnd), start, end: after + 2 }
}

function bare(text: string, at: number): SecretReference | null {
  const nameStart = at + MARK.length
  let end = nameStart
  for (let next = nameStart; isWord(text.charAt(next)); ) {
    while (isWord(text.charAt(next))) next += 1
    end = next
    if (/[/._-]/.test(text.charAt(next))) next += 1
  }
  return end === nameStart ? null : { name: text.slice(nameStart, end), start: at, end }
}

function isWord(character: string): boolean {
  return /[a-zA-Z0-9]/.test(character)
}

/** `\s` of a Java pattern. */
function isSpace(character: string): boolean {
  return /[ \t\n\v\f\r]/.test(character)
}

/**
 * Finds the next occurrence of something from positions that only increase. Each answer is kept until it is passed, so all questions
 * together read the text once.
 */
class Ahead {
  readonly #text: string
  #wordEnd = -1
  #close = -1
  #spaces: { readonly start: number; readonly end: number } = { start: -1, end: -1 }

  constructor(text: string) {
    this.#text = text
  }

  /** The next blank, or the end of the text. */
  wordEnd(from: number): number {
    if (this.#wordEnd < from) {
      const blank = /[ \t\n\v\f\r]/g
      blank.lastIndex = from
      this.#wordEnd = blank.exec(this.#text)?.index ?? this.#text.length
    }
    return this.#wordEnd
  }

  /** The next `}}`; infinite if there is none. */
  close(from: number): number {
    if (this.#close < from) {
      const found = this.#text.indexOf('}}', from)
      this.#close = found === -1 ? Number.POSITIVE_INFINITY : found
    }
    return this.#close
  }

  /** The end of the blanks that begin at a {@link wordEnd}. */
  spaceEnd(start: number): number {
    if (this.#spaces.start !== start) {
      let end = start
      while (isSpace(this.#text.charAt(end))) end += 1
      this.#spaces = { start, end }
    }
    return this.#spaces.end
  }
}
