import { describe, expect, test } from 'vitest'
import { scanJson } from '../../src/connector/jackson-json.ts'

const VALID = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const START = (column: number): string =>
  `(start marker at [Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}])`

describe("Jackson's complaints", () => {
  test.each([
    ['', 'No content to map due to end-of-input'],
    [' \n', 'No content to map due to end-of-input'],
    ['Hey you', `Unrecognized token 'Hey': was expecting ${VALID}`],
    ['data: {}', `Unrecognized token 'data': was expecting ${VALID}`],
    ['truex', `Unrecognized token 'truex': was expecting ${VALID}`],
    ['日本', `Unrecognized token '日本': was expecting ${VALID}`],
    ['<html>', `Unexpected character ('<' (code 60)): expected a valid value ${VALID}`],
    ['\ufeff{}', `Unexpected character ('\ufeff' (code 65279 / 0xfeff)): expected a valid value ${VALID}`],
    ['{"a', 'Unexpected end-of-input in field name'],
    ['{"a"', 'Unexpected end-of-input within/between Object entries'],
    ['{"a":', 'Unexpected end-of-input within/between Object entries'],
    ['{"a":1', `Unexpected end-of-input: expected close marker for Object ${START(1)}`],
    ['{"a":[', `Unexpected end-of-input: expected close marker for Array ${START(6)}`],
    ['[1,', 'Unexpected end-of-input within/between Array entries'],
    ['{"a":"b', 'Unexpected end-of-input: was expecting closing quote for a string value'],
    ['"\\', 'Unexpected end-of-input in character escape sequence'],
    ['"\\x"', "Unrecognized character escape 'x' (code 120)"],
    [
      '"\\u12g4"',
      "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
    ],
    [
      '"a\nb"',
      'Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value',
    ],
    ['[1,]', `Unexpected character (']' (code 93)): expected a valid value ${VALID}`],
    ['{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"],
    [
      '{"a" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
    ],
    ['[1 2]', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"],
    ['}', "Unexpected close marker '}': no open Object to close"],
    ['01', 'Invalid numeric value: Leading zeroes not allowed'],
    ['1.', "Unexpected character ('.' (code 46)) in numeric value: Decimal point not followed by a digit"],
    ['1a', "Unexpected character ('a' (code 97)): Expected space separating root-level values"],
    ['-', 'Unexpected end-of-inputNo digit following sign'],
    ['NaN', "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"],
  ])('%j', (text, message) => {
    expect(scanJson(text)).toMatchObject({ ok: false, fault: { message } })
  })

  test('names the line and column of a fault', () => {
    expect(scanJson('{\n  "a": x}')).toMatchObject({
      ok: false,
      fault: { line: 2, column: 10, endOfInput: false },
    })
    expect(scanJson('[1')).toMatchObject({ ok: false, fault: { line: 1, column: 3, endOfInput: true } })
  })

  test.each([
    ['{"a":[1,{}]} trailing', 12],
    ['12 34', 2],
    [' "x" ', 4],
  ])('the first value of %j ends at %d', (text, end) => {
    expect(scanJson(text)).toEqual({ ok: true, end })
  })
})
