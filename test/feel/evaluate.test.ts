import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/feel/evaluate.ts'
import { type JsonObject, parseJson, stringifyJson } from '../../src/job/json.ts'

function resultOf(expression: string, context: JsonObject = {}): string {
  const result = evaluate(expression, context)
  return result.ok ? stringifyJson(result.value) : `failed: ${result.message}`
}

const jamba = {
  id: 'chat-1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there', tool_calls: null } }],
  usage: { total_tokens: 18 },
}

describe('FEEL', () => {
  test('a replacement may only refer to groups of its pattern', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(resultOf(`replace("abc", "(?<own>b)", "\${${name}}")`)).not.toMatch(/function|object/)
    expect(resultOf(`replace("abc", "(?<own>b)", "<\${own}>")`)).toBe('"a<b>c"')
  })

  test("the documentation's own example gives the model's text", () => {
    expect(
      resultOf('{ response : body.choices.message.content[1] }', { body: jamba, response: { body: jamba } }),
    ).toBe('{"response":"Hello there"}')
  })

  test.each([
    [' = {a: body.id} ', '{"a":"chat-1"}'],
    ['{a: body.choices[1].message.content}', '{"a":"Hello there"}'],
    ['{a: body.choices[-1].message.tool_calls}', '{"a":null}'],
    ['{a: body.unknown.deeper, b: nothing, c: body.id.x}', '{"a":null,"b":null,"c":null}'],
    ['{a: foo(1)}', '{"a":null}'],
    ['{a: 10/0}', '{"a":null}'],
    ['{a: 1, b: a + 1}', '{"a":1,"b":2}'],
    ['body.choices.message.role', '["assistant"]'],
    ['null', 'null'],
    ['a.constructor', 'null'],
  ])('%s is %s', (expression, json) => {
    expect(resultOf(expression, { body: jamba, a: {} })).toBe(json)
  })

  test('integers beyond 2^53 stay exact within a Java long, alone, in lists and in contexts', () => {
    const context = parseJson('{"big":9007199254740993,"deep":{"l":[9223372036854775807]}}') as JsonObject
    expect(resultOf('{a: big, b: deep, c: [big][1]}', context)).toBe(
      '{"a":9007199254740993,"b":{"l":[9223372036854775807]},"c":9007199254740993}',
    )
  })

  test('decimals kept as text are numbers to an expression', () => {
    expect(resultOf('{a: x + 1}', parseJson('{"x":1.50}') as JsonObject)).toBe('{"a":2.5}')
  })

  test('dates, times and durations come out in ISO form', () => {
    expect(
      resultOf(
        '[date("2026-01-02"), time("10:00:00"), time("10:00:00Z"), @"2026-01-02T03:04:05Z", @"PT1H", @"P1Y2M"]',
      ),
    ).toBe('["2026-01-02","10:00:00","10:00Z","2026-01-02T03:04:05Z","PT1H","P1Y2M"]')
  })

  test('a range outside of a call tests nothing, and a function is not a context entry', () => {
    expect(resultOf('{a: [1..5], b: function(x) x}')).toBe('{"a":null}')
  })

  test('keys such as __proto__ are ordinary keys', () => {
    const context = parseJson('{"a":{"__proto__":{"x":1}}}') as JsonObject
    expect(resultOf('{b: a}', context)).toBe('{"b":{"__proto__":{"x":1}}}')
    expect(resultOf('x', context)).toBe('null')
  })
})

describe('what diagrams contain', () => {
  test.each([
    ['{a: body.`dash-key`, b: body.`spaced key`}', '{"a":1,"b":2}'],
    ['{a: `top key`}', '{"a":3}'],
    ['{dash-key: 1, 2nd: 2, a b: 3, $x: 4}', '{"dash-key":1,"2nd":2,"a b":3,"$x":4}'],
    ['[0.1 + 0.2, 1/3, 10/4, 1.0, -2**2]', '[0.3,0.3333333333333333,2.5,1,4]'],
    ['{a: 9007199254740993 + 1}', '{"a":9007199254740994}'],
    ['{a: 12345678901234567890}', '{"a":1.2345678901234567E19}'],
    ['{a: body.list.x, b: body.list[x > 1].x}', '{"a":[1,2],"b":[2]}'],
    ['{a: if body.list[1].x = 1 then "one" else "other"}', '{"a":"one"}'],
    ['{a: 5 in [1..10] and 3 in (1, 3), b: "x" in ["x"] or false}', '{"a":true,"b":false}'],
    ['{a: 1 + 1 instance of number, b: @"PT1S" instance of days and time duration}', '{"a":true,"b":true}'],
    ['{f: function(x) x * 2, a: f(4)}', '{"a":8}'],
    ['{if: 1, for: if + 1}', '{"if":1,"for":2}'],
    ['no such thing(1)', 'null'],
    ['// what\n{a: /* how */ 1}', '{"a":1}'],
  ])('%s is %s', (expression, json) => {
    const body = { 'dash-key': 1, 'spaced key': 2, list: [{ x: 1 }, { x: 2 }] }
    expect(resultOf(expression, { body, 'top key': 3 })).toBe(json)
  })

  test.each([
    '{a: 1e3}',
    '{a: 2^3}',
    '{a: +1}',
    '1 < 2 < 3',
    '{a: some name}',
    "{a: 'x'}",
    '{a: 1,}',
    '{a: if 1 = 1 then 2}',
  ])('%s is no expression', (expression) => {
    expect(evaluate(expression, {})).toMatchObject({ ok: false, why: 'parse' })
  })

  test.each([
    [
      'assert(1, false)',
      "Assertion failure on evaluate the expression 'assert(1, false)': The condition is not fulfilled",
    ],
    [
      'substring("abc", 9)',
      'failed to evaluate expression \'substring("abc", 9)\' : java.lang.StringIndexOutOfBoundsException: begin 8, end 3, length 3',
    ],
    ['{a: b.f(1)}', "failed to evaluate expression '{a: b.f(1)}': Expected context but found 'null'"],
    [
      '?',
      "failed to evaluate expression '?': No input value available. '?' can only be used inside an unary-test expression.",
    ],
  ])('%s fails as in the engine', (expression, message) => {
    expect(evaluate(expression, {})).toEqual({ ok: false, why: 'evaluation', message })
  })
})

describe('an expression that cannot be parsed', () => {
  const start = '(start-of-input | ifOp | forOp | quantifiedOp | disjunction)'
  const after = 'binaryComparison | between | instanceOf | in | "and" | "or" | end-of-input'
  const part = '(ifOp | forOp | quantifiedOp | disjunction)'
  test.each([
    ['={x: response.body.', `${start}:1:1, found "{x: respon"`],
    ['{"a": "b', `${start}:1:1, found "{\\"a\\": \\"b"`],
    [')', `${start}:1:1, found ")"`],
    ['1 +', `(${after}):1:3, found "+"`],
    ['a.', `(${after}):1:2, found "."`],
    ['foo(1', `(${after}):1:4, found "(1"`],
    ['{x: 1}}', `(${after}):1:7, found "}"`],
    ['{x:1}\n)', `(${after}):2:1, found ")"`],
    ['if x', `(${part} ~ "then" | ${after}):1:4, found "x"`],
    ['if x then', `(${part} ~ "then" ~ ${part} | ${after}):1:4, found "x then"`],
    ['for x in', `(listIterator.rep(1) | ${after}):1:5, found "x in"`],
  ])('%s', (expression, expected) => {
    const shown = expression.replace('=', '')
    expect(evaluate(expression, {})).toEqual({
      ok: false,
      why: 'parse',
      message: `failed to parse expression '${shown}': Expected ${expected}`,
    })
  })

  test('fails quickly, however long it is', () => {
    const expression = '1 + '.repeat(1_000)
    expect(evaluate(expression, {})).toMatchObject({ ok: false, why: 'parse' })
  })
})
