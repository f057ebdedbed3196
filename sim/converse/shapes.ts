// Checks of JSON against shapes, with the messages of AWS's services. Members that a shape does not name are ignored, as AWS does. Pure.
import { isObject } from '../json.ts'

/** What is wrong with a value, in AWS's words; empty when nothing is. */
export type Check = (value: unknown, at: string) => readonly string[]

const FINE: readonly string[] = []

function wrong(at: string, constraint: string): readonly string[] {
  return [`Value at '${at}' failed to satisfy constraint: ${constraint}`]
}

/** A text of at least so many characters, of a pattern. */
export function text({
  min = 0,
  max,
  pattern,
}: {
  min?: number
  max?: number
  pattern?: RegExp
} = {}): Check {
  return (value, at) => {
    if (typeof value !== 'string') return wrong(at, 'Member must be a string')
    if (value.length < min) return wrong(at, `Member must have length greater than or equal to ${min}`)
    if (max !== undefined && value.length > max)
      return wrong(at, `Member must have length less than or equal to ${max}`)
    if (pattern !== undefined && !pattern.test(value)) {
      return wrong(
        at,
        `Member must satisfy regular expression pattern: ${pattern.source.replace(/^\^|\$$/g, '')}`,
      )
    }
    return FINE
  }
}

/** One of these texts. */
export function oneOf(...values: readonly string[]): Check {
  return (value, at) =>
    values.includes(value as string)
      ? FINE
      : [
          `Value '${String(value)}' at '${at}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`,
        ]
}

/** A number within bounds. */
export function number(min: number, max = Number.POSITIVE_INFINITY): Check {
  return (value, at) => {
    if (typeof value !== 'number') return wrong(at, 'Member must be a number')
    if (value < min) return wrong(at, `Member must have value greater than or equal to ${min}`)
    return value > max ? wrong(at, `Member must have value less than or equal to ${max}`) : FINE
  }
}

/** `true` or `false`. */
export const boolean: Check = (value, at) =>
  typeof value === 'boolean' ? FINE : wrong(at, 'Member must be a boolean')

/** Any JSON. */
export const anything: Check = () => FINE

/** A JSON object of any members. */
export const object: Check = (value, at) =>
  isObject(value)
    ? FINE
    : [`The format of the value at ${at} is invalid. Provide a json object for the field and try again.`]

/** A list. */
export function list(item: Check, { min = 0, max = Number.POSITIVE_INFINITY } = {}): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return wrong(at, 'Member must be a list')
    if (value.length < min) return wrong(at, `Member must have length greater than or equal to ${min}`)
    if (value.length > max) return wrong(at, `Member must have length less than or equal to ${max}`)
    return value.flatMap((entry, index) => item(entry, `${at}.${index + 1}.member`))
  }
}

/** An object with values of one kind. */
export function map(key: Check, item: Check, max = Number.POSITIVE_INFINITY): Check {
  return (value, at) => {
    if (!isObject(value)) return wrong(at, 'Member must be an object')
    const entries = Object.entries(value)
    if (entries.length > max) return wrong(at, `Member must have length less than or equal to ${max}`)
    return entries.flatMap(([name, entry]) => [...key(name, at), ...item(entry, `${at}.${name}.member`)])
  }
}

/** An object with these members. The names of those that may be missing or null end with a question mark. */
export function structure(members: Readonly<Record<string, Check>>): Check {
  const known = Object.entries(members).map(([name, check]): [string, boolean, Check] => [
    name.replace(/\?$/, ''),
    name.endsWith('?'),
    check,
  ])
  return (value, at) => {
    if (!isObject(value)) return wrong(at, 'Member must be an object')
    return known.flatMap(([name, optional, check]) => {
      const place = at === '' ? name : `${at}.${name}`
      const member = value[name]
      if (member !== undefined && member !== null) return check(member, place)
      return optional ? FINE : wrong(place, 'Member must not be null')
    })
  }
}

/** An object with exactly one of these members. `allowUnknown` accepts one of another name. */
export function union(what: string, kinds: Readonly<Record<string, Check>>, allowUnknown = false): Check {
  const names = Object.keys(kinds)
  return (value, at) => {
    const given = isObject(value) ? Object.keys(value) : []
    const [name = '', ...more] = given.filter((member) => Object.hasOwn(kinds, member))
    const check = kinds[name]
    if (check !== undefined && more.length === 0 && isObject(value))
      return check(value[name], `${at}.${name}`)
    if (allowUnknown && check === undefined && given.length === 1) return FINE
    return [`The ${what} object at ${shortPath(at)} must set one of the following keys: ${names.join(', ')}.`]
  }
}

/** `messages.1.member.content.2.member` as Bedrock itself writes it: `messages.0.content.1`. */
function shortPath(at: string): string {
  return at.replaceAll(/\.(\d+)\.member/g, (_, index: string) => `.${Number(index) - 1}`)
}

const METADATA = /^[a-zA-Z0-9\s:_@$#=/+,\-.]*$/

/** The metadata of a request. */
export const metadata = map(
  text({ min: 1, max: 256, pattern: METADATA }),
  text({ max: 256, pattern: METADATA }),
  16,
)
