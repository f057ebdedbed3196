// FEEL's string functions. Positions count UTF-16 units, as in Java; a pattern is a Java pattern.
import { BigDecimal } from 'bigdecimal.js'
import { decimal, toInt } from '../decimal.ts'
import { javaPattern, javaReplacement, splitBy } from '../java-pattern.ts'
import { EngineError, Failure, type FeelFunction, type Result } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

export const stringFunctions: Builtins = {
  substring: [
    builtin(['string', 'start position'], (string, start) =>
      typeof string === 'string' && start instanceof BigDecimal
        ? between(string, startIndex(string, start), string.length)
        : undefined,
    ),
    builtin(['string', 'start position', 'length'], (string, start, length) => {
      if (!(typeof string === 'string' && start instanceof BigDecimal && length instanceof BigDecimal)) return
      const from = startIndex(string, start)
      return between(string, from, Math.min(from + toInt(length), string.length))
    }),
  ],
  'string length': [ofString((string) => decimal(string.length))],
  'upper case': [ofString((string) => string.toUpperCase())],
  'lower case': [ofString((string) => string.toLowerCase())],
  'substring before': [
    ofTwo(['string', 'match'], (string, match) => string.slice(0, Math.max(string.indexOf(match), 0))),
  ],
  'substring after': [
    ofTwo(['string', 'match'], (string, match) => {
      const index = string.indexOf(match)
      return index < 0 ? '' : string.slice(index + match.length)
    }),
  ],
  replace: [
    builtin(['input', 'pattern', 'replacement'], (input, pattern, text) =>
      replaced([input, pattern, text, '']),
    ),
    builtin(['input', 'pattern', 'replacement', 'flags'], (...values) => replaced(values)),
  ],
  contains: [ofTwo(['string', 'match'], (string, match) => string.includes(match))],
  'starts with': [ofTwo(['string', 'match'], (string, match) => string.startsWith(match))],
  'ends with': [ofTwo(['string', 'match'], (string, match) => string.endsWith(match))],
  matches: [
    ofTwo(['input', 'pattern'], (input, pattern) => found(input, pattern, '')),
    builtin(['input', 'pattern', 'flags'], (input, pattern, flags) =>
      typeof input === 'string' && typeof pattern === 'string' && typeof flags === 'string'
        ? found(input, pattern, flags)
        : undefined,
    ),
  ],
  split: [
    ofTwo(['string', 'delimiter'], (string, delimiter) => {
      const pattern = javaPattern(delimiter, '')
      return pattern === null ? invalid(delimiter) : splitBy(string, pattern)
    }),
  ],
  extract: [
    ofTwo(['input', 'pattern'], (input, text) => {
      const pattern = javaPattern(text, '')
      return pattern === null ? invalid(text) : [...input.matchAll(pattern)].map(([match]) => match)
    }),
  ],
  trim: [ofString(trimmed)],
  uuid: [builtin([], () => crypto.randomUUID())],
  'to base64': [
    builtin(['value'], (value) =>
      typeof value === 'string' ? Buffer.from(value).toString('base64') : undefined,
    ),
  ],
  'is blank': [ofString((string) => [...string].every(isJavaBlank))],
}

/** Java's trim removes all characters up to U+0020, and no others. */
function trimmed(string: string): string {
  let from = 0
  let to = string.length
  while (from < to && string.charAt(from) <= ' ') from += 1
  while (from < to && string.charAt(to - 1) <= ' ') to -= 1
  return string.slice(from, to)
}

/** `Character.isWhitespace`, which excludes non-breaking spaces. */
function isJavaBlank(sign: string): boolean {
  if (sign <= ' ') return (sign >= '\t' && sign <= '\r') || sign >= '\x1c'
  return /^[\p{Z}]$/u.test(sign) && !'\u00a0\u2007\u202f'.includes(sign)
}

/** New in engine 1.22 (Camunda 8.10). */
export const newStringFunctions: Builtins = {
  'from base64': [
    builtin(['value'], (value) => {
      if (typeof value !== 'string') return undefined
      const bytes = Buffer.from(value, 'base64')
      const unpadded = (text: string) => text.replace(/=+$/, '')
      if (unpadded(bytes.toString('base64')) !== unpadded(value)) {
        return new Failure(`Invalid Base64 value '${value}'`)
      }
      return bytes.toString()
    }),
  ],
}

function ofString(body: (string: string) => Result): FeelFunction {
  return builtin(['string'], (string) => (typeof string === 'string' ? body(string) : undefined))
}

function ofTwo(parameters: readonly string[], body: (first: string, second: string) => Result): FeelFunction {
  return builtin(parameters, (first, second) =>
    typeof first === 'string' && typeof second === 'string' ? body(first, second) : undefined,
  )
}

function startIndex(string: string, start: BigDecimal): number {
  const index = toInt(start)
  return index > 0 ? index - 1 : string.length + index
}

/** @throws EngineError as Java's substring does. */
function between(string: string, from: number, to: number): string {
  if (from >= 0 && from <= to && to <= string.length) return string.slice(from, to)
  throw new EngineError(
    `java.lang.StringIndexOutOfBoundsException: begin ${from}, end ${to}, length ${string.length}`,
  )
}

function found(input: string, text: string, flags: string): Result {
  const pattern = javaPattern(text, flags)
  return pattern === null ? invalid(text) : input.search(pattern) >= 0
}

function replaced([input, text, replacement, flags]: readonly unknown[]): Result | undefined {
  if (typeof input !== 'string' || typeof text !== 'string') return undefined
  if (typeof replacement !== 'string' || typeof flags !== 'string') return undefined
  const pattern = javaPattern(text, flags)
  if (pattern === null) return invalid(text)
  const write = javaReplacement(replacement)
  try {
    return input.replaceAll(pattern, (...match) => write(match))
  } catch (error) {
    if (error instanceof RangeError) return invalid(text)
    throw error
  }
}

function invalid(pattern: string): Failure {
  return new Failure(`Invalid pattern '${pattern}'`)
}
