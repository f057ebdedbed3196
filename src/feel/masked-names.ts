// Rewrites the names of an expression so that lezer-feel's grammar reads them as feel-scala does: any Java identifier is a
// name, a function's name may contain blanks, a context's key almost anything, and a variable's name contains blanks only in
// backticks. The text keeps its length, so positions in the tree are positions in the original.

// White space of feel-scala's parser.
const BLANK = /[\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+/y
const COMMENT = /\/\/[^\n]*|\/\*.*?\*\//sy
const QUOTED = /"(?:\\.|[^"\\])*"|`[^`]+`/sy
const NUMBER = /\d+(?:\.\d+)?/y
const WORD = /[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Sc}\p{Pc}\p{Nd}\p{Mn}\p{Mc}]*/uy
const WORDS = new RegExp(`${WORD.source}(?: +${WORD.source})+`, 'uy')
const KEY = /[^"{}:,[\]`]+(?=:)|`[^`]+`\s*(?=:)/y
const PARAMETER = new RegExp(`${WORD.source}(?: +${WORD.source})*(?=\\s*:)`, 'uy')
const NAMES_OF_RESERVED_WORDS = /(?:date and time|years and months duration|get or else|and|or)(?=\s*\()/y
const STEPS = /\.\./y
const CONDITION = /(?!\s*(?:$|[)\]},.=<>!*/+]))/y
const ITERATOR = new RegExp(`\\s*(?:${WORD.source}|\\x60)`, 'uy')
const CALL = /\s*\(/y

const RESERVED = /^(?:null|true|false|function|in|return|then|else|satisfies|and|or)$/
/** Keywords of the grammar that feel-scala reads as names wherever no such expression can start. */
const OPENING = /^(?:if|for|some|every)$/
const OPERATING = /^(?:between|instance|external)$/

const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

interface Reading {
  readonly text: string
  readonly open: string[]
  masked: string
  /** The token before this position. */
  last: string
  /** Whether that token can be the left side of an operator. */
  operand: boolean
}

/** A token, its replacement of the same length, and whether it is an operand. */
type Piece = readonly [source: string, masked: string, operand: boolean]

/** The expression with all names replaced by identifiers of lezer-feel. */
export function maskNames(text: string): string {
  const reading: Reading = { text, open: [], masked: '', last: '', operand: false }
  while (reading.masked.length < text.length) {
    const blank = match(reading, BLANK)?.replaceAll(/[^\n\r]/g, ' ') ?? match(reading, COMMENT)
    if (blank !== null) {
      reading.masked += blank
      continue
    }
    const [source, masked, operand] = next(reading)
    reading.masked += masked
    reading.last = source
    reading.operand = operand
  }
  return reading.masked
}

function next(reading: Reading): Piece {
  const key = keyHere(reading)
  if (key !== null) return [key, name(key), true]
  const quoted = match(reading, QUOTED) ?? match(reading, NUMBER)
  if (quoted !== null) return [quoted, quoted, true]
  const called = calledHere(reading)
  if (called !== null) return [called, name(called), true]
  const word = match(reading, WORD)
  if (word !== null) return wordHere(reading, word)
  const sign = match(reading, STEPS) ?? reading.text.charAt(reading.masked.length)
  bracket(reading.open, sign)
  return [sign, isStray(reading, sign) ? '#' : sign, /[)\]}?]/.test(sign)]
}

/** Whether lezer-feel would read the character as part of a name, and feel-scala would not. */
function isStray({ text, masked, operand }: Reading, sign: string): boolean {
  if (sign !== '?') return /[\ud800-\udfff]/.test(sign)
  WORD.lastIndex = masked.length + 1
  return operand || WORD.test(text)
}

/** The key of a context's entry, or the name of a named argument. */
function keyHere(reading: Reading): string | null {
  const bracket = reading.open.at(-1)
  if (reading.last !== ',' && reading.last !== bracket) return null
  if (bracket === '{') return match(reading, KEY)?.trimEnd() ?? null
  return bracket === '(' ? match(reading, PARAMETER) : null
}

/** The name of a function: at the start of a value, with a bracket after it. */
function calledHere(reading: Reading): string | null {
  if (reading.operand || reading.last === '.') return null
  const special = match(reading, NAMES_OF_RESERVED_WORDS)
  if (special !== null) return special
  const words = match(reading, WORDS)
  if (words === null) return null
  const [first = '', ...others] = words.split(/ +/)
  if (OPENING.test(first) || [first, ...others].some((word) => RESERVED.test(word))) return null
  CALL.lastIndex = reading.masked.length + words.length
  return CALL.test(reading.text) ? words : null
}

function wordHere(reading: Reading, word: string): Piece {
  const { last, operand } = reading
  if (last === 'of' && word === 'function') return [word, name(word), true]
  if (RESERVED.test(word)) return [word, word, /^(?:null|true|false)$/.test(word)]
  if (last === '.') return [word, word === 'time' ? word : name(word), true]
  if (OPENING.test(word)) return opens(reading, word) ? [word, word, false] : [word, name(word), true]
  if (!OPERATING.test(word)) return [word, word.replaceAll(/[^\w]/g, '_'), true]
  return operand || word === 'external' ? [word, word, false] : [word, name(word), true]
}

/** Whether the text after an `if`, `for`, `some` or `every` can continue it. */
function opens({ text, masked }: Reading, word: string): boolean {
  const going = word === 'if' ? CONDITION : ITERATOR
  going.lastIndex = masked.length + word.length
  return going.test(text)
}

function name(text: string): string {
  return `n${'_'.repeat(text.length - 1)}`
}

function match({ text, masked }: Reading, pattern: RegExp): string | null {
  pattern.lastIndex = masked.length
  return pattern.exec(text)?.[0] ?? null
}

function bracket(open: string[], sign: string): void {
  if ('([{'.includes(sign)) open.push(sign)
  if (CLOSES[sign] === open.at(-1)) open.pop()
}
