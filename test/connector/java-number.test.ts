import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { floatValue, javaNumberText, NestingError, throughJava } from '../../src/connector/java-number.ts'
import { doubleText } from '../../src/job/java-double.ts'
import { parseJson, stringifyJson } from '../../src/job/json.ts'

describe('numbers through Java', () => {
  test.each([
    ['9007199254740993', '9007199254740993'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['-0', '0'],
    ['-0.0', '-0.0'],
    ['1.0', '1.0'],
    ['1.50', '1.5'],
    ['1E5', '100000.0'],
    ['0.001', '0.001'],
    ['0.0001', '1.0E-4'],
    ['1e-7', '1.0E-7'],
    ['9999999.999', '9999999.999'],
    ['1e7', '1.0E7'],
    ['12345678.9', '1.23456789E7'],
    ['1e21', '1.0E21'],
    ['0.1234567890123456789', '0.12345678901234568'],
    ['5e-324', '4.9E-324'],
    ['1.7976931348623157e308', '1.7976931348623157E308'],
    ['1e400', '"Infinity"'],
    ['-1e400', '"-Infinity"'],
    ['-1e-400', '-0.0'],
  ])('%s comes out as %s', (source, text) => {
    expect(stringifyJson(throughJava(parseJson(`{"a":[${source}]}`)))).toBe(`{"a":[${text}]}`)
  })

  test('every double reads back the same from its Java text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(Number(doubleText(value))).toBe(value)
      }),
    )
  })

  test('a decimal of whatever length comes out as the text of its double', () => {
    const digits = fc.stringMatching(/^\d{1,12}$/)
    fc.assert(
      fc.property(
        fc.tuple(fc.constantFrom('', '-'), fc.nat(20_000_000), digits),
        ([sign, whole, fraction]) => {
          const source = `${sign}${whole}.${fraction}`
          expect(stringifyJson(throughJava(parseJson(source)))).toBe(doubleText(Number(source)))
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('a value that Java would leave unchanged is not copied', () => {
    const value = parseJson('{"a":[1.0,{"b":"x"},12345678901234567890],"c":1}')
    expect(throughJava(value)).toBe(value)
  })

  test('a value nested a thousand deep is accepted, and one nested deeper is refused', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
    expect(stringifyJson(throughJava(parseJson(nested(1000))))).toBe(nested(1000))
    expect(() => throughJava(parseJson(nested(1001)))).toThrow(NestingError)
  })

  test('a number becomes a text as Java prints it', () => {
    expect(['1.50', '1e5', '12345678901234567890', '-0'].map(javaNumberText)).toEqual([
      '1.5',
      '100000.0',
      '12345678901234567890',
      '0',
    ])
  })

  test.each([
    [0.1, 0.1],
    [0.123456789, 0.12345679],
    [0.7000000000000001, 0.7],
    [16777217, 16777216],
    [1e-50, 0],
    [3.4e39, Number.POSITIVE_INFINITY],
    [Number.NaN, Number.NaN],
  ])('the float of %d is %d', (value, float) => {
    expect(floatValue(value)).toBe(float)
  })
})
