// Random expressions and variables, for what must hold for any of them: as an author might write them, and might not.
import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/job/json.ts'
import { numberFromText } from '../../src/job/json.ts'

const NAMES = [
  'response',
  'text',
  'list',
  'n',
  'item',
  'a',
  'b',
  'missing',
  '`odd key`',
  '__proto__',
  'constructor',
]
const FUNCTIONS = [
  'count', 'contains', 'lower case', 'upper case', 'substring before', 'substring after', 'string', 'to json', 'from json',
  'string join', 'trim', 'number', 'is defined', 'get or else', 'not', 'sum', 'min', 'max', 'mean', 'product', 'append',
  'concatenate', 'flatten', 'reverse', 'sublist', 'list contains', 'index of', 'get value', 'get entries', 'context put',
  'context merge', 'put', 'context', 'decimal', 'floor', 'round up', 'modulo', 'sqrt', 'abs', 'odd', 'even', 'substring',
  'starts with', 'string length', 'is empty', 'insert before', 'remove', 'all', 'any', 'bpmnError', 'jobError', 'ignoreError',
  'assert', 'date', 'duration', 'createDocument', 'backoff', 'nothing of the kind',
  // For the child:
  'matches', 'replace', 'split', 'extract', 'sort', 'distinct values', 'union', 'partition', 'time', 'date and time', 'is blank',
  'from base64', 'before',
] // biome-ignore format: a table

const literal = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    '0',
    '1',
    '-1',
    '2',
    '0.1',
    '1.50',
    '9007199254740993',
    '999999999',
    '-999999999',
  ),
  fc.constantFrom(
    '"a"',
    '"Hello"',
    '""',
    '"1.5"',
    '"[1, {\\"a\\": 2}]"',
    '", "',
    '"\\u0000"',
    '"é😀"',
    '"(a+)+$"',
  ),
  fc.constantFrom(
    'duration("PT10S")',
    'date("2026-01-02")',
    '@"P1Y"',
    'time("10:00:00")',
    '[1..3]',
    '{}',
    '[]',
    '?',
  ),
)

/** Texts of expressions. */
export const expressions: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => {
  const any = tie('any')
  const name = fc.constantFrom(...NAMES)
  const pair = fc.tuple(any, any)
  const binary = fc.constantFrom('+', '-', '*', '/', '**', '=', '!=', '<', '>=', ' and ', ' or ', ' in ')
  return {
    any: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      literal,
      name,
      fc.tuple(any, name).map(([source, key]) => `${source}.${key}`),
      fc.tuple(name, name, fc.integer({ min: -2, max: 3 })).map(([x, y, i]) => `${x}.${y}[${i}]`),
      pair.map(([list, filter]) => `${list}[${filter}]`),
      fc.tuple(any, binary, any).map(([x, sign, y]) => `(${x}${sign}${y})`),
      fc.tuple(any, any, any).map(([x, y, z]) => `if ${x} then ${y} else ${z}`),
      fc.tuple(any, any, any).map(([x, y, z]) => `(${x} between ${y} and ${z})`),
      fc.array(any, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
      fc
        .array(fc.tuple(name, any), { maxLength: 6 })
        .map((entries) => `{${entries.map(([key, value]) => `${key}: ${value}`).join(', ')}}`),
      fc
        .tuple(fc.constantFrom(...FUNCTIONS), fc.array(any, { maxLength: 3 }))
        .map(([called, values]) => `${called}(${values.join(', ')})`),
      fc
        .tuple(fc.constantFrom('for a in', 'some a in', 'every b in'), any, any)
        .map(
          ([start, list, body]) =>
            `(${start} ${list} ${start.startsWith('for') ? 'return' : 'satisfies'} ${body})`,
        ),
      fc
        .tuple(any, fc.constantFrom('string', 'number', 'list', 'Any'))
        .map(([x, type]) => `(${x} instance of ${type})`),
      any.map((x) => `-(${x})`),
    ),
  }
}).any

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .constantFrom('9007199254740993', '1.50', '1e400', '-0', '1E-300', '9'.repeat(60))
    .map((text) => numberFromText(text)),
)

/** Variables by name, as an answer of a model may have them. */
export const variables: fc.Arbitrary<JsonObject> = fc.letrec<{ value: JsonValue; object: JsonObject }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      number,
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom('Hello '.repeat(50), '[1, 2]', '{"a": {"b": 1}}'),
      fc.array(tie('value'), { maxLength: 6 }),
      tie('object'),
    ),
    object: fc
      .array(fc.tuple(fc.constantFrom(...NAMES, 'odd key', 'x', 'y', '1'), tie('value')), { maxLength: 8 })
      .map((entries) => Object.fromEntries(entries)),
  }),
).object
