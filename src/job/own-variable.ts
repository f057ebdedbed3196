// The variables with which a diagram addresses Quarry itself: `quarry`, and `traceparent`. They are no input of the connector, so they are
// cut out before anything else reads the variables. The rest keeps the exact text that came from Zeebe. Pure.
import type { JsonValue } from './json.ts'
import { parseJson } from './json.ts'

export const OWN_VARIABLE = 'quarry'

/** A job's variables, split. */
interface SplitVariables {
  /** Its value; undefined if the job has no such variable. */
  readonly own: JsonValue | undefined
  /** JSON text of the other variables. */
  readonly others: string
}

/** Cuts one variable out of the JSON text of an object. Any other text stays as it is. */
export function splitOwnVariable(text: string, name = OWN_VARIABLE): SplitVariables {
  const whole: SplitVariables = { own: undefined, others: text }
  if (!text.includes(`"${name}"`)) return whole
  const found = findMember(text, name)
  if (found === null) return whole
  try {
    const own = parseJson(text.slice(found.valueFrom, found.to))
    // With the comma after it, or before it if it is the last.
    const behind = text.slice(found.to).trimStart()
    const others = behind.startsWith(',')
      ? text.slice(0, found.from) + behind.slice(1)
      : text.slice(0, found.from).replace(/,\s*$/, '') + behind
    return { own, others }
  } catch {
    return whole
  }
}

interface Member {
  readonly from: number
  readonly valueFrom: number
  readonly to: number
}

/** Where a member of the outermost object begins and ends. */
function findMember(text: string, name: string): Member | null {
  let at = text.indexOf('{') + 1
  if (at === 0 || text.slice(0, at - 1).trim() !== '') return null
  for (;;) {
    const from = text.indexOf('"', at)
    const nameTo = from === -1 ? -1 : endOfString(text, from)
    const colon = nameTo === -1 ? -1 : text.indexOf(':', nameTo)
    if (colon === -1) return null
    const to = endOfValue(text, colon + 1)
    if (to === -1) return null
    if (text.slice(from + 1, nameTo - 1) === name) return { from, valueFrom: colon + 1, to }
    if (text[to] !== ',') return null
    at = to + 1
  }
}

/** The place after a string that begins at `from`; -1 if it does not end. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
  return -1
}

/** The comma or brace after a value; -1 if there is none. */
function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') {
      const end = endOfString(text, at)
      if (end === -1) return -1
      at = end - 1
    } else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      if (depth === 0) return at
      depth -= 1
    } else if (character === ',' && depth === 0) return at
  }
  return -1
}
