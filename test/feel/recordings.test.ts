// What the engine of runtime 8.8.7 was recorded to give, expression by expression.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/feel/evaluate.ts'
import { isJsonObject, type JsonObject, type JsonValue, numberText, parseJson } from '../../src/job/json.ts'

interface RecordedExpression {
  readonly context: string
  readonly expression: string
  readonly resultJson?: string | null
  readonly error?: string
}

interface Recording {
  readonly contexts: Readonly<Record<string, JsonObject>>
  readonly cases: readonly RecordedExpression[]
}

function recording(name: string): Recording {
  const file = new URL(`./recordings/${name}`, import.meta.url)
  return parseJson(readFileSync(file, 'utf8')) as unknown as Recording
}

const recorded = recording('feel-cases.json')
const sampled = recording('engine-cases.json')

/** Comparable: integers by their digits, other numbers by their value, whatever the order of keys. */
function comparable(value: JsonValue): unknown {
  const number = numberText(value)
  if (number !== null) return /^-?\d+$/.test(number) ? BigInt(number) : numberOf(number)
  if (Array.isArray(value)) return value.map(comparable)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, comparable(item)]))
}

function numberOf(text: string): number | bigint {
  const number = Number(text)
  return Number.isInteger(number) ? BigInt(number) : number
}

function expectSame({ contexts }: Recording, { context, expression, resultJson }: RecordedExpression): void {
  const result = evaluate(expression, contexts[context] ?? {})
  expect(result).toMatchObject({ ok: true })
  if (result.ok) expect(comparable(result.value)).toEqual(comparable(parseJson(resultJson ?? 'null')))
}

describe('Quarry’s FEEL gives the same as the recorded engine', () => {
  test('in all recorded expressions', () => {
    expect(recorded.cases.length).toBeGreaterThanOrEqual(105)
    expect(sampled.cases.length).toBeGreaterThan(900)
  })

  test.each(recorded.cases)('$context: $expression', (one) => {
    if (one.error === undefined) return expectSame(recorded, one)
    expect(evaluate(one.expression, recorded.contexts[one.context] ?? {}).ok).toBe(false)
  })

  test('for every operator and function with every kind of value', () => {
    for (const one of sampled.cases) {
      if (one.error === undefined) expectSame(sampled, one)
      else
        expect(evaluate(one.expression, sampled.contexts[one.context] ?? {})).toMatchObject({
          ok: false,
          message: one.error,
        })
    }
  })
})
