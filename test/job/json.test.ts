import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isJsonObject, numberFromText, numberText, parseJson, stringifyJson } from '../../src/job/json.ts'

const numberTexts = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.stringMatching(/^\d{1,25}$/))
    .map(([whole, fraction]) => `${whole}.${fraction}`),
  fc.tuple(fc.integer(), fc.constantFrom('e', 'E', 'e+', 'E-'), fc.nat(400)).map((parts) => parts.join('')),
  fc.constantFrom('-0', '-0.0', '0.0000001', '1e400', '0.1234567890123456789', '9007199254740993'),
)
const keys = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', 'x y'), fc.string())
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    numberTexts,
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.constantFrom('null', 'true', 'false'),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(keys, tie('json')), { maxLength: 4, selector: ([key]) => key })
      .filter((entries) => entries.every(([key]) => !/^\d+$/.test(key)))
      .map((entries) => `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${item}`).join(',')}}`),
  ),
}))

describe('lossless JSON', () => {
  test('numbers are written as they were read, digit for digit', () => {
    fc.assert(
      fc.property(json, (text) => {
        expect(stringifyJson(parseJson(text))).toBe(text)
      }),
    )
  })

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '123456789012345678901234567890',
    '1.0',
    '1.50',
    '0.1234567890123456789',
    '1e400',
    '1E5',
    '1e5',
    '-0',
    '-0.0',
    '0.0000001',
    '123456.7890123456789',
  ])('%s keeps its text inside a document', (number) => {
    const text = `{"a":[${number}],"b":"x"}`
    expect(stringifyJson(parseJson(text))).toBe(text)
  })

  test('a number that JavaScript prints the same stays a plain number', () => {
    expect(parseJson('{"a":0.5,"b":1e+300,"c":42}')).toEqual({ a: 0.5, b: 1e300, c: 42 })
  })

  test('a key named __proto__ is an ordinary key', () => {
    const value = parseJson('{"__proto__":{"x":1.0}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(stringifyJson(value)).toBe('{"__proto__":{"x":1.0}}')
  })

  test('a number kept as text is not taken for an object', () => {
    const value = parseJson('1.0')
    expect(isJsonObject(value)).toBe(false)
    expect(numberText(value)).toBe('1.0')
    expect(numberText('1')).toBeNull()
    expect(numberFromText('7')).toBe(7)
  })

  test('the result is the same as with a reviver for each number, whatever is in strings and names', () => {
    const asked = (text: string): unknown => {
      const { parse, rawJSON } = JSON as unknown as {
        parse: (
          text: string,
          reviver: (key: string, value: unknown, at: { source?: string }) => unknown,
        ) => unknown
        rawJSON: (text: string) => unknown
      }
      return parse(text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined && source !== String(value)
          ? rawJSON(source)
          : value,
      )
    }
    const quoted = fc.constantFrom('"1.0"', '"\\\\"', '"\\""', '"a\\\\\\"1.0"', '"#x#1.0"', '"-0"')
    const strange = fc
      .array(fc.oneof(json, quoted), { maxLength: 5 })
      .map((items) => `[ ${items.join(' ,\n')} ]`)
    fc.assert(
      fc.property(strange, (text) => {
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(asked(text)))
      }),
    )
  })

  test.each([
    '{1.0:2}',
    '{1.0 :2}',
    '[1.0 2.0]',
    '[01.0]',
    '[1.]',
    '[1.0e]',
    '["1.0]',
    '[-]',
    '[1.0"a"]',
    '1-1.0',
  ])('%s is no JSON, numbers or not', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  test('deep nesting does not overflow the stack', () => {
    const deep = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`
    expect(() => parseJson(deep)).not.toThrow()
  })

  test('text that is no JSON is refused', () => {
    expect(() => parseJson('{"a":1.0')).toThrow(SyntaxError)
    expect(() => parseJson('')).toThrow(SyntaxError)
  })
})
