// Task headers. They are the same for all jobs of a task, so their text is parsed once for all of them. Pure, but for that memory.
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from './json.ts'

/** A task's headers by name; values that are no strings are left out. */
export type Headers = Readonly<Record<string, string>>

/** @param customHeaders - JSON text of the task headers. Any other text has no headers. */
export function parseHeaders(customHeaders: string): Headers {
  return parsed(customHeaders).texts
}

/** One header, of any type; undefined if it is missing. */
export function taskHeader(customHeaders: string, name: string): JsonValue | undefined {
  const { all } = parsed(customHeaders)
  return Object.hasOwn(all, name) ? all[name] : undefined
}

interface Parsed {
  readonly all: JsonObject
  readonly texts: Headers
}

const NONE: Parsed = { all: {}, texts: {} }

/** By text, the least recently used first. */
const remembered = new Map<string, Parsed>()
let units = 0
/** Bound of all remembered texts together, UTF-16 units: some MB with the parsed headers. Longer single texts are parsed each time. */
const MOST_UNITS = 500_000
const LONGEST = 50_000

function parsed(text: string): Parsed {
  if (text.length > LONGEST) return parse(text)
  const known = remembered.get(text)
  if (known === undefined) units += text.length
  else remembered.delete(text)
  const headers = known ?? parse(text)
  remembered.set(text, headers)
  for (const [oldest] of remembered) {
    if (units <= MOST_UNITS) break
    remembered.delete(oldest)
    units -= oldest.length
  }
  return headers
}

function parse(text: string): Parsed {
  let all: JsonValue
  try {
    all = parseJson(text)
  } catch {
    return NONE
  }
  if (!isJsonObject(all)) return NONE
  const entries = Object.entries(all)
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return { all, texts: Object.fromEntries(texts) }
}
