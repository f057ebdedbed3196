// Parses JSON without changing the text of its numbers. Node passes that text to a reviver, but calls it for every value: 15 times slower
// than plain parsing, for a text that anybody may write who starts a process. So only the numbers that would change are marked in the
// text, parsed as strings, and put back. Linear and iterative: nesting takes no stack.

/** A number whose text JavaScript would change, kept as that text: `JSON.stringify` writes it as is. */
export interface RawNumber {
  readonly rawJSON: string
}

// Node's JSON source text access (https://github.com/tc39/proposal-json-parse-with-source), not yet in lib.
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
}

export { isRawJSON, rawJSON }

// A number can only change if it has 16 digits, a fraction that ends in 0, a fraction small enough for an exponent, an exponent, or is -0.
// A match inside a string only costs the slower way.
const MAY_LOSE = /[\d.]{16}|\.\d*0(?!\d)|0\.0{6}|\d[eE][-+]?\d|-0(?!\d)/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/

/**
 * Reads JSON text; a number that JavaScript would print otherwise becomes a {@link RawNumber}.
 * @throws SyntaxError when it is not JSON.
 */
export function parseLossless(text: string): unknown {
  if (!MAY_LOSE.test(text)) return JSON.parse(text)
  const mark = markFor(text)
  const marked = markNumbers(text, mark)
  return marked === null ? JSON.parse(text) : unmark(JSON.parse(marked), mark)
}

/** A mark that is not in the text, not even escaped: nobody can guess it. */
function markFor(text: string): string {
  for (;;) {
    const mark = `#${Math.random().toString(36).slice(2, 12)}#`
    if (!text.includes(mark)) return mark
  }
}

/** @returns null if no number would change, or if parsing the text as it is will report the error. */
function markNumbers(text: string, mark: string): string | null {
  const pieces: string[] = []
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(text, at)
      if (at === -1) return null
    } else if (isDigit(code) || code === MINUS) {
      const end = numberEnd(text, at)
      const source = text.slice(at, end)
      if (losesText(source)) {
        // A number in the place of a property name is an error; in quotes it would become a valid name.
        if (!NUMBER.test(source) || isName(text, end)) return null
        pieces.push(text.slice(from, at), '"', mark, source, '"')
        from = end
      }
      at = end - 1
    }
  }
  return pieces.length === 0 ? null : pieces.join('') + text.slice(from)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const COLON = 0x3a
/** Integers with fewer digits are exact, and printed as they are. */
const SAFE_DIGITS = 16

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function numberEnd(text: string, from: number): number {
  let end = from + 1
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end)
    const isPart = isDigit(code) || code === DOT || code === MINUS || code === PLUS || (code | 0x20) === 0x65
    if (!isPart) break
  }
  return end
}

function losesText(source: string): boolean {
  if (source.length < SAFE_DIGITS && /^[1-9]\d*$/.test(source)) return false
  return String(Number(source)) !== source
}

function isName(text: string, from: number): boolean {
  let at = from
  while (/[ \t\n\r]/.test(text.charAt(at))) at += 1
  return text.charCodeAt(at) === COLON
}

/** Where the string ends that begins at `from`; -1 if it does not end. */
export function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let before = quote - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((quote - before) % 2 === 1) return quote
  }
  return -1
}

type Container = unknown[] | Record<string, unknown>

/** Puts the numbers back in place of their marks. Changes its argument. */
function unmark(value: unknown, mark: string): unknown {
  const outer: [unknown] = [value]
  const open: Container[] = [outer]
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index += 1) {
        const item: unknown = container[index]
        if (typeof item === 'string') {
          if (item.startsWith(mark)) container[index] = rawJSON(item.slice(mark.length))
        } else if (isContainer(item)) open.push(item)
      }
      continue
    }
    for (const key of Object.keys(container)) {
      const item = container[key]
      if (typeof item === 'string') {
        if (item.startsWith(mark)) container[key] = rawJSON(item.slice(mark.length))
      } else if (isContainer(item)) open.push(item)
    }
  }
  return outer[0]
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}
