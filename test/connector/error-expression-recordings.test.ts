// What the connector runtime made of error expressions: functions and contexts written by hand, with all kinds of values in every place.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AskedError, examineErrorExpression } from '../../src/connector/error-expression.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../../src/job/json.ts'

const file = new URL('./recordings/error-expressions.json', import.meta.url)
const { cases } = parseJson(readFileSync(file, 'utf8')) as { readonly cases: readonly JsonObject[] }

const engine = {
  compatibility: '8.8',
  mask: (text: string) => text,
  evaluate: async (expression: string, context: JsonObject) => evaluate(expression, context),
} as const
const examined = { response: { error: { type: 'T', message: 'm' } }, text: () => '', retries: 3 }

function asRecorded(asked: AskedError | null): JsonValue {
  if (asked === null) return {}
  if (asked.kind === 'ignoreError') return { kind: asked.kind }
  const { kind, errorMessage: message, variables } = asked
  if (kind === 'bpmnError') return { asked: { kind, code: asked.errorCode, message, variables } }
  const { retries, retryBackoffMs: backoff } = asked
  return { asked: { kind, message, variables, retries, backoff } }
}

describe('error expressions that the runtime was given', () => {
  test('include more than a minimum number', () => expect(cases.length).toBeGreaterThan(700))

  test.each(cases)('$expression', async ({ expression, ...recorded }) => {
    const examination = await examineErrorExpression(String(expression), examined, engine)
    if (examination.ok)
      return expect(stringifyJson(asRecorded(examination.asked))).toBe(stringifyJson(recorded))
    const { type, message } = examination.error
    const reason = message.slice(message.indexOf('Reason: ') + 'Reason: '.length)
    expect({ type: type.split('.').at(-1), reason }).toEqual(recorded)
  })
})
