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

const file = new URL('./recordings/feel-cases.json', import.meta.url)
const recorded = parseJson(readFileSync(file, 'utf8')) as unknown as {
  readonly contexts: Readonly<Record<string, JsonObject>>
  readonly cases: readonly RecordedExpression[]
}

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

describe('the recorded engine and ours give the same', () => {
  test('in all recorded expressions', () => {
    expect(recorded.cases.length).toBeGreaterThanOrEqual(105)
  })

  test.each(recorded.cases)('$context: $expression', ({ context, expression, resultJson, error }) => {
    const result = evaluate(expression, recorded.contexts[context] ?? {})
    if (error !== undefined) {
      expect(result.ok).toBe(false)
      return
    }
    expect(result).toMatchObject({ ok: true })
    if (result.ok) expect(comparable(result.value)).toEqual(comparable(parseJson(resultJson ?? 'null')))
  })
})
