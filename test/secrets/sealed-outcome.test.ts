import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/job/outcome.ts'
import { readOutcome, SecretGone, writeOutcome } from '../../src/secrets/sealed-outcome.ts'

const SCOPE = { tenantId: 't', bpmnProcessId: 'p' }
const completed = (variables: string): Outcome => ({ kind: 'completed', variables })
const used = (...values: string[]) => values.map((value, index) => ({ name: `S${index}`, value }))
const fetchFrom = (secrets: readonly { name: string; value: string }[]) => async (name: string) =>
  secrets.find((secret) => secret.name === name)?.value ?? null

describe('a stored outcome', () => {
  test('has no secret’s value in it, and comes back with it', async () => {
    const secrets = used('s3cret-value', 'he said "hi"')
    const outcome: Outcome = {
      kind: 'bpmnError',
      errorCode: 's3cret-value',
      errorMessage: 'he said "hi" to s3cret-value',
      variables: JSON.stringify({ 's3cret-value': ['x s3cret-values', 'he said "hi"'] }),
    }
    const text = writeOutcome(outcome, secrets, SCOPE)
    expect(text).not.toContain('s3cret-value')
    expect(text).not.toContain('he said')
    expect(await readOutcome(text, fetchFrom(secrets))).toEqual(outcome)
  })

  test('has no value in JSON that is a text of JSON, as models answer', async () => {
    const secrets = used('he said "hi"')
    const outcome = completed(JSON.stringify({ text: JSON.stringify({ quote: 'he said "hi"' }) }))
    const text = writeOutcome(outcome, secrets, SCOPE)
    expect(text).not.toContain('he said')
    expect(await readOutcome(text, fetchFrom(secrets))).toEqual(outcome)
  })

  test('is the outcome itself where no secret occurs, and needs none to be read', async () => {
    const outcome = completed('{"a":"b"}')
    const text = writeOutcome(outcome, used('not there', 'abc'), SCOPE)
    expect(text).toBe(JSON.stringify(outcome))
    expect(await readOutcome(text, () => Promise.reject(new Error('asked')))).toEqual(outcome)
    expect(writeOutcome(completed('{"a":"abc"}'), used('abc'), SCOPE)).toContain('abc')
  })

  test('asks for its secrets in the scope of its job', async () => {
    const asked: unknown[] = []
    const text = writeOutcome(completed('{"a":"s3cret"}'), used('s3cret'), SCOPE)
    await readOutcome(text, async (name, scope) => {
      asked.push([name, scope])
      return 'x'
    })
    expect(asked).toEqual([['S0', SCOPE]])
  })

  test('cannot be read without its secrets', async () => {
    const text = writeOutcome(completed('{"a":"s3cret"}'), used('s3cret'), SCOPE)
    await expect(readOutcome(text, async () => null)).rejects.toThrow(SecretGone)
    await expect(readOutcome(text, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  })

  test('comes back exactly, whatever stands in it', async () => {
    const character = fc.constantFrom(
      'a',
      'b',
      '1',
      'j',
      '"',
      '\\',
      '\n',
      '$',
      '\uE000',
      '\uE001',
      'ä',
      '\ud800',
    )
    const value = fc.string({ unit: character, maxLength: 8 })
    const secretsOf = fc.array(value, { maxLength: 4 }).map((values) => used(...values))
    const property = fc.asyncProperty(
      secretsOf,
      fc.array(value, { maxLength: 6 }),
      async (secrets, pieces) => {
        const said = [...pieces, ...secrets.map((secret) => secret.value), ...pieces].join('')
        const outcome: Outcome = {
          kind: 'failed',
          retries: 1,
          retryBackoffMs: 0,
          errorMessage: said,
          variables: JSON.stringify({ [said]: [said, { said }] }),
        }
        expect(await readOutcome(writeOutcome(outcome, secrets, SCOPE), fetchFrom(secrets))).toEqual(outcome)
      },
    )
    await fc.assert(property, { numRuns: 1000 })
  })

  test('shows no value of ordinary characters, wherever it stands', () => {
    const value = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), fc.array(value), (values, around) => {
        const said = around.flatMap((piece) => [piece, ...values]).join('')
        const text = writeOutcome(completed(JSON.stringify({ said })), used(...values), SCOPE)
        for (const secret of values) expect(text).not.toContain(secret)
      }),
      { numRuns: 1000 },
    )
  })
})
