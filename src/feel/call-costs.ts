// The functions that may be called in the worker's own process, and what a call costs in steps. What is missing here
// runs in the child: regular expressions, functions that call functions, work that is not linear, time zones, the clock.
import { BigDecimal } from 'bigdecimal.js'
import { toInt } from './decimal.ts'
import { FeelContext, isList, type Value } from './value.ts'

/** How large a value is, see `Budget.size`. */
export interface Sizes {
  size(value: Value): number
}

type Cost = (values: readonly Value[], sizes: Sizes) => number

/** Values are passed on or looked at from outside. */
const constant: Cost = () => 4
/** Each item or entry is touched, none of them is walked. */
const shallow: Cost = (values) => values.reduce((sum: number, value) => sum + breadth(value), 4)
/** All of each value is walked. */
const deep: Cost = (values, sizes) => values.reduce((sum: number, value) => sum + sizes.size(value), 4)
/** An operation on each number of a list. */
const numeric: Cost = (values, sizes) => 8 * deep(values, sizes)
/** The search for a text in another one, which V8 does not always do in linear time. */
const search: Cost = (values, sizes) =>
  deep(values, sizes) + values.reduce((product: number, value) => product * lengthOf(value), 1) / 64
/** A text that is parsed as a number, a date or a duration: short, as the patterns for them are not linear. */
const parsing: Cost = (values) => values.reduce((sum: number, value) => sum + lengthOf(value) ** 2, 4)
/** A number with so many digits after the point. */
const rounding: Cost = ([, scale]) => 8 + (scale instanceof BigDecimal ? Math.abs(toInt(scale)) : 0)
const join: Cost = (values, sizes) => {
  const [list = null, delimiter = null] = values
  return deep(values, sizes) + (isList(list) ? (list.length * lengthOf(delimiter)) / 64 : 0)
}
const readJson: Cost = ([text = null]) =>
  typeof text !== 'string' ? 4 : nesting(text) > 40 ? Number.POSITIVE_INFINITY : 4 + text.length / 16

const COSTS: ReadonlyMap<string, Cost> = new Map(
  Object.entries({
    not: constant,
    'is defined': constant,
    'get or else': constant,
    assert: constant,
    bpmnError: constant,
    jobError: constant,
    ignoreError: constant,
    backoff: constant,
    createDocument: constant,
    'string length': constant,
    substring: constant,
    'upper case': deep,
    'lower case': deep,
    'starts with': deep,
    'ends with': deep,
    contains: search,
    'substring before': search,
    'substring after': search,
    trim: deep,
    'string join': join,
    string: deep,
    'to json': deep,
    'from json': readJson,
    number: parsing,
    date: parsing,
    duration: parsing,
    count: constant,
    'is empty': constant,
    sublist: shallow,
    append: shallow,
    concatenate: shallow,
    reverse: shallow,
    'insert before': shallow,
    remove: shallow,
    flatten: deep,
    'list contains': deep,
    'index of': deep,
    and: shallow,
    all: shallow,
    or: shallow,
    any: shallow,
    min: numeric,
    max: numeric,
    sum: numeric,
    mean: numeric,
    product: numeric,
    abs: constant,
    odd: constant,
    even: constant,
    modulo: constant,
    sqrt: constant,
    decimal: rounding,
    floor: rounding,
    ceiling: rounding,
    'round up': rounding,
    'round down': rounding,
    'round half up': rounding,
    'round half down': rounding,
    'get entries': shallow,
    'get value': shallow,
    put: shallow,
    'context put': shallow,
    'context merge': deep,
    'put all': deep,
    context: deep,
  } satisfies Record<string, Cost>),
)

/** Whether the worker's own process may call it. */
export function hasCost(name: string): boolean {
  return COSTS.has(name)
}

/** Infinite for a function that the child must call. */
export function costOf(name: string, values: readonly Value[], sizes: Sizes): number {
  return COSTS.get(name)?.(values, sizes) ?? Number.POSITIVE_INFINITY
}

function lengthOf(value: Value): number {
  return typeof value === 'string' ? value.length : 1
}

function breadth(value: Value): number {
  if (isList(value)) return value.length
  return value instanceof FeelContext ? value.variables.size : 1
}

/** How deep brackets are nested in a text, at most; those in strings count, too. */
function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charCodeAt(index)
    if (sign === 0x5b || sign === 0x7b) depth += 1
    else if (sign === 0x5d || sign === 0x7d) depth -= 1
    if (depth > deepest) deepest = depth
  }
  return deepest
}
