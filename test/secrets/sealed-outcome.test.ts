import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/job/outcome.ts'
import { PayloadError } from '../../src/payload/payload-codec.ts'
import { sealKey } from '../../src/secrets/seal-key.ts'
import {
  type OutcomePlace,
  readOutcome as readAt,
  SecretGone,
  secretsOf,
  writeOutcome as writeAt,
} from '../../src/secrets/sealed-outcome.ts'
import type { SecretScope } from '../../src/secrets/secret-provider.ts'

const SCOPE = { tenantId: 't', bpmnProcessId: 'p' }
const completed = (variables: string): Outcome => ({ kind: 'completed', variables })
const used = (...values: string[]) => values.map((value, index) => ({ name: `S${index}`, value }))
/** Equivalent to the slow one, but quick. */
const PLACE: OutcomePlace = {
  id: 'z-1-1',
  keyOf: async (secrets) => createHash('sha256').update(JSON.stringify(secrets)).digest(),
}
const writeOutcome = (outcome: Outcome, secrets: ReturnType<typeof used>, scope: SecretScope) =>
  writeAt(outcome, secrets, scope, PLACE)
const readOutcome = (text: string, fetch: (name: string, scope: SecretScope) => Promise<string | null>) =>
  readAt(text, { ...PLACE, fetch })
const fetchFrom = (secrets: readonly { name: string; value: string }[]) => async (name: string) =>
  secrets.find((secret) => secret.name === name)?.value ?? null

describe('a stored outcome', () => {
  test('contains no secret’s value, and has it again when opened', async () => {
    const secrets = used('s3cret-value', 'he said "hi"')
    const outcome: Outcome = {
      kind: 'bpmnError',
      errorCode: 's3cret-value',
      errorMessage: 'he said "hi" to s3cret-value',
      variables: JSON.stringify({ 's3cret-value': ['x s3cret-values', 'he said "hi"'] }),
    }
    const text = await writeOutcome(outcome, secrets, SCOPE)
    expect(text).not.toContain('s3cret-value')
    expect(text).not.toContain('he said')
    expect(await readOutcome(text, fetchFrom(secrets))).toEqual(outcome)
  })

  test('contains no secret’s value within nested JSON text, as models answer', async () => {
    const secrets = used('he said "hi"')
    const outcome = completed(JSON.stringify({ text: JSON.stringify({ quote: 'he said "hi"' }) }))
    const text = await writeOutcome(outcome, secrets, SCOPE)
    expect(text).not.toContain('he said')
    expect(await readOutcome(text, fetchFrom(secrets))).toEqual(outcome)
  })

  test('names the line of its job, under which its secrets are looked up again', async () => {
    const secrets = used('s3cret-value')
    const text = await writeOutcome(completed('{"a":"s3cret-value"}'), secrets, { ...SCOPE, line: '8.8' })
    const scopes: SecretScope[] = []
    await readOutcome(text, async (_, scope) => {
      scopes.push(scope)
      return 's3cret-value'
    })
    expect(scopes).toEqual([{ ...SCOPE, line: '8.8' }])
  })

  test('without a secret is stored unchanged, and needs none to be read', async () => {
    const outcome = completed('{"a":"b"}')
    const text = await writeOutcome(outcome, used('not there', 'abc'), SCOPE)
    expect(text).toBe(JSON.stringify(outcome))
    expect(await readOutcome(text, () => Promise.reject(new Error('asked')))).toEqual(outcome)
    expect(await writeOutcome(completed('{"a":"abc"}'), used('abc'), SCOPE)).toContain('abc')
  })

  test('requests its secrets in the scope of its job', async () => {
    const asked: unknown[] = []
    const text = await writeOutcome(completed('{"a":"s3cret"}'), used('s3cret'), SCOPE)
    await readOutcome(text, async (name, scope) => {
      asked.push([name, scope])
      return 's3cret'
    })
    expect(asked).toEqual([['S0', SCOPE]])
  })

  test('cannot be read without its secrets', async () => {
    const text = await writeOutcome(completed('{"a":"s3cret"}'), used('s3cret'), SCOPE)
    await expect(readOutcome(text, async () => null)).rejects.toThrow(SecretGone)
    await expect(readOutcome(text, () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  })

  test('is restored exactly, whatever it contains', async () => {
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
        expect(await readOutcome(await writeOutcome(outcome, secrets, SCOPE), fetchFrom(secrets))).toEqual(
          outcome,
        )
      },
    )
    await fc.assert(property, { numRuns: 1000 })
  })

  test('shows no secret of ordinary characters at any position', async () => {
    const value = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 3 }),
        fc.array(value),
        async (values, around) => {
          const said = around.flatMap((piece) => [piece, ...values]).join('')
          const text = await writeOutcome(completed(JSON.stringify({ said })), used(...values), SCOPE)
          for (const secret of values) expect(text).not.toContain(secret)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('a forged outcome', () => {
  const victim = [{ name: 'DB_PASSWORD', value: 'hunter-2-hunter' }]
  const forged = (extra: object) =>
    JSON.stringify({
      ...completed('{"x":"\uE0000\uE001"}'),
      sealed: { names: ['DB_PASSWORD'], scope: { tenantId: 'other', bpmnProcessId: 'p' }, ...extra },
    })

  test('gets no secret without a proof, which is checked before any is fetched', () => {
    for (const taken of ['none', 'proven'] as const) {
      expect(() => secretsOf(forged({}), taken)).toThrow(PayloadError)
      expect(() => secretsOf(forged({}), taken)).toThrow('without proof')
    }
    expect(() => secretsOf(forged({ proof: 'AAAA' }), 'none')).toThrow(PayloadError)
    expect(secretsOf(forged({}), 'any')).toEqual(['DB_PASSWORD'])
  })

  test('gets no secret with a proof that was guessed, or made of other values', async () => {
    const own = await writeOutcome(completed('{"x":"my-own-value"}'), used('my-own-value'), SCOPE)
    const { proof } = JSON.parse(own).sealed
    for (const guess of ['', 'AAAA', proof]) {
      await expect(readOutcome(forged({ proof: guess }), fetchFrom(victim))).rejects.toThrow(SecretGone)
    }
  })

  test('gets no secret by copying another job’s outcome, or with other names or another scope', async () => {
    const text = await writeOutcome(completed('{"x":"hunter-2-hunter"}'), victim, SCOPE)
    expect(await readOutcome(text, fetchFrom(victim))).toEqual(completed('{"x":"hunter-2-hunter"}'))
    const other = readAt(text, { ...PLACE, id: 'z-2-1', fetch: fetchFrom(victim) })
    await expect(other).rejects.toThrow(SecretGone)
    for (const [from, to] of [
      ['"t"', '"u"'],
      ['completed', 'bpmnError'],
      ['{\\"x\\"', '{\\"y\\"'],
    ] as const) {
      expect(text).toContain(from)
      await expect(readOutcome(text.replace(from, to), fetchFrom(victim))).rejects.toThrow()
    }
  })

  test('is not accepted if it is not an outcome', async () => {
    await expect(readOutcome('{"kind":"done"}', async () => null)).rejects.toThrow(TypeError)
    await expect(readOutcome('["z",1]', async () => null)).rejects.toThrow(TypeError)
  })

  test('fails its proof, whose key depends on the values and the installation', async () => {
    const key = await sealKey('quarry')(victim)
    expect(await sealKey('quarry')([...victim])).toEqual(key)
    expect(await sealKey('another')(victim)).not.toEqual(key)
    expect(await sealKey('quarry')(used('hunter-2-hunter'))).not.toEqual(key)
  })
})
