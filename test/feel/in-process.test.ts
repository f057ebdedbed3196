import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/feel/evaluate.ts'
import { makeInProcess } from '../../src/feel/in-process.ts'
import { makeFeelPool } from '../../src/feel/pool.ts'
import type { JsonObject } from '../../src/job/json.ts'
import { parseJson, stringifyJson } from '../../src/job/json.ts'
import { expressions, variables } from './random-expressions.ts'

const LONGEST = 2 * 1024 * 1024
const here = makeInProcess('8.8')

const answer = {
  response: {
    output: { message: { role: 'assistant', content: [{ text: 'Refund at once. URGENT' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 12, outputTokens: 300 },
  },
  error: { code: 'ThrottlingException', message: 'Status Code: 429, slow down' },
  job: { retries: 3 },
}

describe('what diagrams contain is evaluated in the process', () => {
  test.each([
    '={answer: response.output.message.content[1].text}',
    '={category: response[-1].contentList[1].text, urgent: contains(lower case(response[-1].contentList[1].text), "urgent")}',
    '={advice: response[-1].contentList[1].text, turns: count(response)}',
    '={reply: body.choices[1].message.content}',
    '={texts: response.output.message.content.text, all: string join(response.output.message.content.text, "\n")}',
    '={long: for c in response.output.message.content return string length(c.text)}',
    '={tokens: response.usage.inputTokens + response.usage.outputTokens, cut: response.stopReason != "end_turn"}',
    '= if error.code = "ThrottlingException" then bpmnError("BUSY", error.message, {a: 1}) else null',
    '= if contains(error.message, "429") then jobError(error.message, {}, job.retries - 1, duration("PT10S")) else null',
    '= if is defined(error) and error.code in ("a", "ThrottlingException") then bpmnError("X", "y") else null',
    '={verdict: from json("{\\"a\\": [1, 2]}").a[2]}',
  ])('%s', (expression) => {
    const result = here(expression, answer, LONGEST)
    expect(result).not.toBeNull()
    expect(result).toEqual(evaluate(expression, answer))
  })
})

describe('a child evaluates', () => {
  test.each([
    ['a pattern', 'matches(a, "x")'],
    ['a pattern to split by', 'split(a, "x")'],
    ['iterations over numbers', 'for i in 1..3 return i'],
    ['iterations over two lists', 'for i in a, j in a return i'],
    ['functions of the expression', '{f: function(x) x, a: f(1)}'],
    ['functions that call functions', 'sort([2, 1], function(x, y) x < y)'],
    ['work that is not linear', 'distinct values(a)'],
    ['zones', 'time("10:00:00@Europe/Paris")'],
    ['the clock', 'now()'],
    ['a broken expression', '{a: '],
    ['a failure', '[?]'],
    ['an assertion', 'assert(1, false)'],
    ['an error of the engine', 'bpmnError(1, 2)'],
    ['a long text', `"${'x'.repeat(1_000)}"`],
    ['many brackets', `${'('.repeat(31)}1${')'.repeat(31)}`],
    ['unknown functions', 'constructor(1)'],
  ])('%s', (_what, expression) => {
    expect(here(expression, { a: 'x' }, LONGEST)).toBeNull()
  })
})

describe('a hostile expression is abandoned', () => {
  const doubling = (first: string, twice: (name: string) => string, last: (name: string) => string) =>
    `{n0: ${first}, ${Array.from({ length: 30 }, (_, n) => `n${n + 1}: ${twice(`n${n}`)}`).join(', ')}, z: ${last('n30')}}`
  const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`) as JsonObject
  const large = {
    list: Array.from({ length: 200_000 }, (_, n) => ({ n })),
    text: 'ab'.repeat(1_000_000),
    json: '["'.repeat(500_000),
    digits: parseJson('9'.repeat(200_000)),
  }

  test.each<[what: string, expression: string, context?: JsonObject]>([
    [
      'a list that doubles',
      doubling(
        '[1]',
        (n) => `[${n}, ${n}]`,
        (n) => n,
      ),
    ],
    [
      'a list that doubles, compared',
      doubling(
        '[1]',
        (n) => `[${n}, ${n}]`,
        (n) => `${n} = ${n}`,
      ),
    ],
    [
      'a list that doubles, in a message',
      doubling(
        '[1]',
        (n) => `[${n}, ${n}]`,
        (n) => `string(${n})`,
      ),
    ],
    [
      'a list that doubles, through a path',
      doubling(
        '[{a: 1}]',
        (n) => `[${n}, ${n}]`,
        (n) => `${n}.a`,
      ),
    ],
    [
      'a text that doubles',
      doubling(
        '"xxxxxxxx"',
        (n) => `${n} + ${n}`,
        (n) => `upper case(${n})`,
      ),
    ],
    ['between in between', `${'('.repeat(20)}1${' between 0 and 2)'.repeat(20)}`],
    ['a number with a billion digits', 'decimal(1, 1000000000)'],
    ['a number with a billion digits, rounded', '{n: 10 ** 999999999, m: floor(n)}'],
    ['a small one', '{n: 0.1 ** 999999999, m: [1][n]}'],
    ['a remainder of it', 'modulo(10 ** 999999999, 7)'],
    ['iterations in iterations', '(for a in list return (for b in list return 1))', large],
    ['a filter in a filter', 'list[count(list[n > 1]) > 1]', large],
    ['all of a long list', 'count(list.n)', large],
    ['a long text in a longer one', 'contains(text, text + "c")', large],
    ['a long delimiter', 'string join([text, text, text], text)', large],
    ['JSON that is nested', 'from json(json)', large],
    ['JSON that is long', 'from json(text)', large],
    ['a long number', 'digits + 1', large],
    ['a long text as a number', 'number(text)', large],
    ['a deep value', '{b: a}', deep],
    ['a long result', '{a: text}', large],
  ])('%s', (_what, expression, context = {}) => {
    expect(makeInProcess('8.8')(expression, context, LONGEST)).toBeNull()
  })

  test('and goes straight to a child for a while afterwards', () => {
    const inProcess = makeInProcess('8.8')
    expect(inProcess('{b: a}', { a: large.text }, LONGEST)).toBeNull()
    for (let times = 0; times < 100; times += 1) expect(inProcess('{b: a}', { a: 1 }, LONGEST)).toBeNull()
    expect(inProcess('{b: a}', { a: 1 }, LONGEST)).toEqual({ ok: true, value: { b: 1 } })
  })

  test('except that one path of a long answer is read without the rest', () => {
    const object = {
      ...large,
      read: { a: 1 },
      get never(): never {
        throw new Error('read')
      },
    }
    expect(here('{b: read.a}', { object }, LONGEST)).toEqual({ ok: true, value: { b: null } })
    expect(here('{b: object.read.a}', { object }, LONGEST)).toEqual({ ok: true, value: { b: 1 } })
  })

  test('when its result is longer than a child may answer', () => {
    expect(here('a', { a: 'x' }, 10_000)).toEqual({ ok: true, value: 'x' })
    expect(here('a', { a: '\u0000'.repeat(10_000) }, 10_000)).toBeNull()
  })
})

describe('evaluation in the process gives the same as a child', () => {
  const recordings = ['feel-cases.json', 'engine-cases.json'].map(
    (name) =>
      parseJson(readFileSync(new URL(`./recordings/${name}`, import.meta.url), 'utf8')) as unknown as {
        contexts: Record<string, JsonObject>
        cases: { context: string; expression: string }[]
      },
  )

  test('for all recorded expressions', () => {
    let evaluatedHere = 0
    for (const { contexts, cases } of recordings)
      for (const { context, expression } of cases) {
        const result = here(expression, contexts[context] ?? {}, LONGEST)
        if (result === null) continue
        evaluatedHere += 1
        expectSame(result, evaluate(expression, contexts[context] ?? {}))
      }
    expect(evaluatedHere).toBeGreaterThan(300)
  })

  test.each(['8.8', '8.9', '8.10'] as const)('for random expressions of line %s', (line) => {
    const inProcess = makeInProcess(line)
    let evaluatedHere = 0
    fc.assert(
      fc.property(expressions, variables, (expression, context) => {
        const result = inProcess(expression, context, LONGEST)
        if (result === null || /backoff/.test(expression)) return
        evaluatedHere += 1
        expectSame(result, evaluate(expression, context, line))
      }),
      { numRuns: 1_000 },
    )
    expect(evaluatedHere).toBeGreaterThan(100)
  })
})

test('a pool evaluates in the process or in a child, with the same results', async () => {
  const pool = makeFeelPool('8.9', { processes: 2, timeMs: 60_000, memoryMb: 128 })
  const inProcess = makeInProcess('8.9')
  // Too long to be evaluated here.
  const forChild = (expression: string) => `${expression}/*${' '.repeat(1_000)}*/`
  const samples = fc
    .sample(fc.tuple(expressions, variables), { numRuns: 500 })
    .flatMap(([expression, context]) => {
      const result = inProcess(expression, context, LONGEST)
      return result === null ? [] : [{ expression, context, result }]
    })
  try {
    await Promise.all(
      samples.map(async ({ expression, context, result }) =>
        expectSame(result, await pool.evaluate(forChild(expression), context)),
      ),
    )
  } finally {
    await pool.close()
  }
})

type Result = ReturnType<typeof evaluate>

/** Byte for byte; the mark of `createDocument` is another one each time. */
function expectSame(result: Result, expected: Result): void {
  const text = ({ ok, ...rest }: Result) =>
    'value' in rest
      ? stringifyJson(rest.value).replaceAll(/createDocument:[-\w]+/g, 'mark')
      : JSON.stringify([ok, rest])
  expect(text(result)).toBe(text(expected))
}
