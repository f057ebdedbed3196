// Every function of Camunda's FEEL documentation, with what the engine gives for it. The list of functions is that of
// Camunda's own package.
import { camundaBuiltins } from '@camunda/feel-builtins'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { Line } from '../../src/feel/line.ts'
import { parse } from '../../src/feel/parse.ts'
import { type JsonObject, stringifyJson } from '../../src/job/json.ts'

const EXAMPLES: readonly (readonly [expression: string, json: string])[] = [
  ['not(true)', 'false'],
  ['get value({a: 1}, "a")', '1'],
  ['get value({a: {b: 2}}, ["a", "b"])', '2'],
  ['get entries({a: 1, b: 2})', '[{"key":"a","value":1},{"key":"b","value":2}]'],
  ['context put({a: 1}, "b", 2)', '{"a":1,"b":2}'],
  ['context put({a: {b: 1}}, ["a", "c"], 2)', '{"a":{"b":1,"c":2}}'],
  ['context merge({a: 1, b: 1}, {b: 2})', '{"a":1,"b":2}'],
  ['context merge([{a: 1}, {b: 2}])', '{"a":1,"b":2}'],
  ['context([{key: "a", value: 1}, {key: "b", value: 2}])', '{"a":1,"b":2}'],
  ['string(1.50)', '"1.50"'],
  ['string([1, "a", {b: null}])', '"[1, \\"a\\", {b:null}]"'],
  ['number("1500.5")', '1500.5'],
  ['number("1 500.5", " ")', '1500.5'],
  ['number("1.500,5", ".", ",")', '1500.5'],
  ['date("2026-11-22")', '"2026-11-22"'],
  ['date(2026, 11, 22)', '"2026-11-22"'],
  ['time("10:30:00+02:00")', '"10:30+02:00"'],
  ['time(10, 30, 15)', '"10:30:15"'],
  ['time(10, 30, 15, duration("PT2H"))', '"10:30:15+02:00"'],
  ['date and time("2026-11-22T10:30:00@Europe/Berlin")', '"2026-11-22T10:30:00+01:00"'],
  ['date and time(date("2026-11-22"), time("10:30:00"))', '"2026-11-22T10:30:00"'],
  ['date and time(@"2026-11-22T10:30:00Z", "America/New_York")', '"2026-11-22T05:30:00-05:00"'],
  ['duration("P1DT12H")', '"PT36H"'],
  ['duration("P1Y2M")', '"P1Y2M"'],
  ['years and months duration(date("2024-01-31"), date("2026-11-22"))', '"P2Y9M"'],
  ['from json("{\\"a\\": [1, 2.5, null]}")', '{"a":[1,2.5,null]}'],
  ['from json("{\\"a\\": [1, \\"}\\"]} and a comment of the model")', '{"a":[1,"}"]}'],
  ['to json({a: [1, "x", @"PT1H"]})', '"{\\"a\\":[1,\\"x\\",\\"PT1H\\"]}"'],
  ['list contains([1, 2], 2)', 'true'],
  ['count([1, 2, 3])', '3'],
  ['min(3, 1, 2)', '1'],
  ['max([3, 1, 2])', '3'],
  ['sum(0.1, 0.2)', '0.3'],
  ['product([2, 3, 4])', '24'],
  ['mean([1, 2, 4])', '2.3333333333333335'],
  ['median([1, 4, 2, 3])', '2.5'],
  ['stddev(2, 4, 7, 5)', '2.0816659994661326'],
  ['mode([6, 1, 9, 6, 1])', '[1,6]'],
  ['all([true, null, false])', 'false'],
  ['any(false, null, true)', 'true'],
  ['sublist([1, 2, 3], 2)', '[2,3]'],
  ['sublist([1, 2, 3], -3, 2)', '[1,2]'],
  ['append([1], 2, 3)', '[1,2,3]'],
  ['concatenate([1], [2, 3])', '[1,2,3]'],
  ['insert before([1, 3], 2, 2)', '[1,2,3]'],
  ['remove([1, 2, 3], -2)', '[1,3]'],
  ['reverse([1, 2, 3])', '[3,2,1]'],
  ['index of([1, 2, 1], 1)', '[1,3]'],
  ['union([1, 2], [2, 3])', '[1,2,3]'],
  ['distinct values([1, 2, 1])', '[1,2]'],
  ['duplicate values([1, 2, 1])', '[1]'],
  ['flatten([[1], [2, [3]]])', '[1,2,3]'],
  ['sort([3, 1, 2], function(x, y) x < y)', '[1,2,3]'],
  ['string join(["a", null, "b"])', '"ab"'],
  ['string join(["a", "b"], ", ")', '"a, b"'],
  ['string join(["a", "b"], ", ", "[", "]")', '"[a, b]"'],
  ['is empty([])', 'true'],
  ['partition([1, 2, 3, 4, 5], 2)', '[[1,2],[3,4],[5]]'],
  ['decimal(2.345, 2)', '2.34'],
  ['floor(-1.5)', '-2'],
  ['floor(-1.56, 1)', '-1.6'],
  ['ceiling(1.5)', '2'],
  ['ceiling(1.54, 1)', '1.6'],
  ['round up(1.121, 2)', '1.13'],
  ['round down(-1.129, 2)', '-1.12'],
  ['round half up(2.5, 0)', '3'],
  ['round half down(2.5, 0)', '2'],
  ['abs(-5)', '5'],
  ['abs(duration("-PT5H"))', '"PT5H"'],
  ['modulo(-12, 5)', '3'],
  ['sqrt(16)', '4'],
  ['log(10)', '2.302585092994046'],
  ['exp(2)', '7.38905609893065'],
  ['odd(3)', 'true'],
  ['even(-2)', 'true'],
  ['random number() < 1', 'true'],
  ['before([1..5], 6)', 'true'],
  ['after(10, 5)', 'true'],
  ['meets([1..5], [5..9])', 'true'],
  ['met by([5..9], [1..5])', 'true'],
  ['overlaps([1..5], [3..9])', 'true'],
  ['overlaps before([1..5], [3..9])', 'true'],
  ['overlaps after([3..9], [1..5])', 'true'],
  ['finishes(5, [1..5])', 'true'],
  ['finished by([1..5], 5)', 'true'],
  ['includes([1..9], [2..3])', 'true'],
  ['during(3, [1..5])', 'true'],
  ['starts(1, [1..5])', 'true'],
  ['started by([1..5], 1)', 'true'],
  ['coincides([1..5], [1..5])', 'true'],
  ['substring("foobar", 3)', '"obar"'],
  ['substring("foobar", -3, 2)', '"ba"'],
  ['string length("Grüße")', '5'],
  ['upper case("aBc")', '"ABC"'],
  ['lower case("aBc")', '"abc"'],
  ['substring before("foobar", "bar")', '"foo"'],
  ['substring after("foobar", "o")', '"obar"'],
  ['contains("foobar", "ob")', 'true'],
  ['starts with("foobar", "foo")', 'true'],
  ['ends with("foobar", "bar")', 'true'],
  ['matches("foobar", "^fo*b")', 'true'],
  ['matches("FooBar", "foobar", "i")', 'true'],
  ['replace("abcd", "(ab)|(a)", "[$1]")', '"[ab]cd"'],
  ['replace("aBa", "b", "-", "i")', '"a-a"'],
  ['split("a;b;c", ";")', '["a","b","c"]'],
  ['extract("r1 r22", "\\\\d+")', '["1","22"]'],
  ['trim("  a b ")', '"a b"'],
  ['is defined(now()) and now() > @"2026-01-01T00:00:00Z"', 'true'],
  ['today() > date("2026-01-01")', 'true'],
  ['day of week(date("2026-11-22"))', '"Sunday"'],
  ['day of year(date("2026-11-22"))', '326'],
  ['week of year(date("2026-01-01"))', '1'],
  ['month of year(date("2026-11-22"))', '"November"'],
  ['last day of month(date("2024-02-01"))', '"2024-02-29"'],
  ['is defined(null)', 'false'],
  ['get or else(null, "default")', '"default"'],
  ['assert("value", true)', '"value"'],
  ['assert("value", true, "cause")', '"value"'],
  ['string length(uuid())', '36'],
  ['to base64("Grüße")', '"R3LDvMOfZQ=="'],
  ['is blank(" ")', 'true'],
  ['fromAi("x")', 'null'],
  ['fromAi("x", "what it is")', 'null'],
  ['fromAi("x", "what it is", "string")', 'null'],
  ['fromAi("x", "what it is", "string", {a: 1})', 'null'],
  ['fromAi("x", "what it is", "string", {a: 1}, {b: 2})', 'null'],
]

/** Since engine 1.22, which Camunda 8.10 has. */
const NEW_EXAMPLES: typeof EXAMPLES = [
  ['from base64("R3LDvMOfZQ==")', '"Grüße"'],
  ['from base64("?")', 'null'],
]

function resultOf(expression: string, line?: Line, context: JsonObject = {}): string {
  const result = evaluate(expression, context, line)
  return result.ok ? stringifyJson(result.value) : `failed: ${result.message}`
}

/** `name/arguments` of every call in an expression. */
function callsIn(expression: string): string[] {
  const found: string[] = []
  const visit = (node: unknown): void => {
    const plain = Array.isArray(node) || Object.getPrototypeOf(node ?? 0) === Object.prototype
    if (!plain || typeof node !== 'object' || node === null) return
    if ('kind' in node && node.kind === 'call' && 'name' in node && 'arguments' in node) {
      const { values } = node.arguments as { values: readonly unknown[] }
      found.push(`${node.name}/${values.length}`)
    }
    for (const part of Object.values(node)) visit(part)
  }
  visit(parse(expression))
  // What is written like a literal is a value to the parser already.
  if (/^(date|time|date and time|duration)\("/.test(expression)) {
    found.push(`${expression.slice(0, expression.indexOf('('))}/${expression.split('", "').length}`)
  }
  return found
}

describe('functions of the documentation', () => {
  test('all have an example here, by name and number of arguments', () => {
    const shown = new Set([...EXAMPLES, ...NEW_EXAMPLES].flatMap(([expression]) => callsIn(expression)))
    const variadic = [
      'min',
      'max',
      'sum',
      'product',
      'mean',
      'stddev',
      'all',
      'any',
      'append',
      'context merge',
      'concatenate',
      'union',
    ]
    const missing = camundaBuiltins
      .filter(
        ({ name }) => !variadic.includes(name) || ![...shown].some((call) => call.startsWith(`${name}/`)),
      )
      .map(({ name, params = [] }) => `${name}/${params.length}`)
      .filter((call) => !shown.has(call))
    expect(missing).toEqual([])
  })

  test.each(EXAMPLES)('%s is %s', (expression, json) => {
    expect(resultOf(expression)).toBe(json)
  })

  test.each(NEW_EXAMPLES)('from 8.10 on %s is %s', (expression, json) => {
    expect(resultOf(expression, '8.10')).toBe(json)
    expect(resultOf(expression)).toBe('null')
  })

  test('take their arguments by name too', () => {
    expect(resultOf('substring(string: "foobar", start position: 3)')).toBe('"obar"')
    expect(resultOf('sort(list: [2, 1], precedes: function(x, y) x < y)')).toBe('[1,2]')
    expect(resultOf('substring(string: "foobar", nonsense: 3)')).toBe('null')
  })
})

describe('functions of error expressions', () => {
  test.each<readonly [Line, string, string]>([
    ['8.8', 'bpmnError("A", "m")', '{"errorType":"bpmnError","errorCode":"A","errorMessage":"m"}'],
    ['8.8', 'bpmnError("A")', 'null'],
    ['8.10', 'bpmnError("A")', '{"errorType":"bpmnError","errorCode":"A"}'],
    ['8.8', 'ignoreError({a: 1})', 'null'],
    ['8.9', 'ignoreError({a: 1})', '{"errorType":"ignoreError","variables":{"a":1}}'],
    ['8.9', 'ignoreError()', '{"errorType":"ignoreError"}'],
    ['8.8', 'jobError("m", {a: 1}).variables', '{}'],
    ['8.9', 'jobError("m", {a: 1}).variables', '{"a":1}'],
    ['8.9', 'string(jobError("m", {}, 2, @"PT5M").retryBackoff)', '"PT5M"'],
    ['8.9', 'backoff(1)', 'null'],
    ['8.10', 'backoff(3, @"PT1S", 2, @"PT30S", 0)', '"PT4S"'],
    ['8.10', 'backoff(9, @"PT1S", 2, @"PT30S", 0)', '"PT30S"'],
    ['8.10', 'backoff(1) <= @"PT0.055S"', 'true'],
  ])('%s: %s is %s', (line, expression, json) => {
    expect(resultOf(expression, line)).toBe(json)
  })

  test.each<readonly [string, RegExp]>([
    ['bpmnError(1, "m")', /Parameter 'errorCode' of function 'bpmnError' must be a String$/],
    ['bpmnError("A", "m", 1)', /Parameter 'variables' of function 'bpmnError' must be a Context$/],
    ['jobError(1)', /ClassCastException/],
    ['ignoreError(1)', /Parameter 'variables' of function 'ignoreError' must be a Context$/],
    ['backoff("x")', /Parameter 'attempt' of function 'backoff' must be a Number$/],
    ['backoff(1, 2)', /Parameter 'minDelay' of function 'backoff' must be a day-time duration/],
    ['backoff(0)', /'attempt' must be >= 1, but was 0$/],
    ['backoff(1, @"PT9S")', /'minDelay' must be <= 'maxDelay', but 9000ms > 5000ms$/],
    ['backoff(1, @"PT1S", 0)', /'factor' must be > 0, but was 0$/],
    ['backoff(1, @"PT1S", 2, @"PT5S", -1)', /'jitterFactor' must be >= 0, but was -1$/],
  ])('%s fails', (expression, message) => {
    expect(resultOf(expression, '8.10')).toMatch(message)
  })
})
