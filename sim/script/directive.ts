// Directives: `[[sim …]]` in a prompt tells the stand-in what to answer. Between the marks is a script as YAML or JSON. Pure.
import { parse } from 'yaml'
import { fieldOf, isObject, listOf, parseExact, textOf } from '../json.ts'
import { readScript, type Script } from './script.ts'

const OPEN = '[[sim'
const CLOSE = ']]'

/** A directive that was found. */
interface Found {
  value: unknown
  from: number
  to: number
}

/** The script that the directives of a conversation give, and how many answers there are since the last of them. */
export interface Directed {
  script: Script
  /** Messages of the assistant after the message with the last directive. */
  turn: number
}

/**
 * Reads all directives of a Converse body: of `system`, and of texts in messages of the user. Later fields replace earlier ones.
 * @returns undefined without a directive; a text that says what is wrong when one cannot be read.
 */
export function readDirectives(body: unknown): Directed | string | undefined {
  const fields: Record<string, unknown> = {}
  let any = false
  let turn = 0
  const read = (blocks: unknown): string | undefined => {
    for (const block of typeof blocks === 'string' ? [{ text: blocks }] : listOf(blocks)) {
      const found = findDirectives(
        textOf(block, 'text') ?? textOf(block, 'guardContent', 'text', 'text') ?? '',
      )
      for (const { value } of found) {
        if (!isObject(value)) return `a directive must be fields, as in [[sim text: Hello]]`
        Object.assign(fields, value)
        any = true
        turn = 0
      }
    }
    return undefined
  }
  let wrong = read(fieldOf(body, 'system'))
  for (const message of listOf(fieldOf(body, 'messages'))) {
    if (textOf(message, 'role') === 'assistant') turn += 1
    else wrong ??= read(fieldOf(message, 'content'))
  }
  if (!any && wrong === undefined) return undefined
  const script = wrong ?? readScript(fields)
  return typeof script === 'string' ? script : { script, turn }
}

/** The text without its directives. */
export function withoutDirectives(text: string): string {
  const found = findDirectives(text)
  if (found.length === 0) return text
  let rest = ''
  let at = 0
  for (const { from, to } of found) {
    rest += text.slice(at, from)
    at = to
  }
  return (rest + text.slice(at)).trim()
}

/** A directive ends at the first `]]` that leaves a script which can be read: lists may end with brackets too. */
function findDirectives(text: string): Found[] {
  const found: Found[] = []
  let from = text.indexOf(OPEN)
  while (from !== -1) {
    const start = from + OPEN.length
    const directive = readFrom(text, from, start)
    if (directive !== undefined) found.push(directive)
    from = text.indexOf(OPEN, directive?.to ?? start)
  }
  return found
}

function readFrom(text: string, from: number, start: number): Found | undefined {
  for (let end = text.indexOf(CLOSE, start); end !== -1; end = text.indexOf(CLOSE, end + 1)) {
    const value = readValue(text.slice(start, end).trim())
    if (value !== undefined) return { value, from, to: end + CLOSE.length }
  }
  return undefined
}

/** JSON keeps the digits of its numbers, which YAML does not. Fields of YAML may be on one line, without the braces of an object. */
function readValue(text: string): unknown {
  const readings = [
    () => parseExact(text),
    () => parse(text, { logLevel: 'error' }),
    () => parse(`{${text}}`, { logLevel: 'error' }),
  ]
  for (const read of readings) {
    try {
      return read() ?? undefined
    } catch {
      // Not in this form.
    }
  }
  return undefined
}
