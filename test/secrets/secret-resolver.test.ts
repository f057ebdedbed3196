import { describe, expect, test, vi } from 'vitest'
import { type AllowList, allowList } from '../../src/connector/secret-allow-list.ts'
import type { SecretProvider } from '../../src/secrets/secret-provider.ts'
import { makeSecretResolver, type SecretResolverParts } from '../../src/secrets/secret-resolver.ts'

const JOB = { tenantId: 't', bpmnProcessId: 'p', processDefinitionKey: '42', elementId: 'Activity_1' }

function provider(values: Record<string, string>, asked: string[] = []): SecretProvider {
  return {
    async get(name, { tenantId, bpmnProcessId }) {
      asked.push(`${tenantId}/${bpmnProcessId}/${name}`)
      return values[name] ?? null
    },
  }
}
const away = (message: string): SecretProvider => ({ get: () => Promise.reject(new Error(message)) })
const listed = (list: AllowList) => ({ of: async () => list })
const unreadable = { of: () => Promise.reject(new Error('answered 503')) }

function resolver(parts: Partial<SecretResolverParts> = {}) {
  return makeSecretResolver({
    providers: [provider({ A: 'value-a', B: 'value-b', QUOTE: '"' })],
    filter: null,
    compatibility: '8.9',
    ...parts,
  })
}

describe('the secrets of a job', () => {
  test('replace their references in its variables, and the used ones are listed', async () => {
    expect(
      await resolver().resolve(JOB, '{"a":"{{secrets.A}}","b":["secrets.A","{{secrets.QUOTE}}"]}'),
    ).toEqual({
      ok: true,
      variables: '{"a":"value-a","b":["value-a","\\""]}',
      used: [
        { name: 'A', value: 'value-a' },
        { name: 'QUOTE', value: '"' },
      ],
    })
  })

  test('are found and inserted with one parse of its variables', async () => {
    const parse = vi.spyOn(JSON, 'parse')
    await resolver().resolve(JOB, '{"a":"{{secrets.A}}"}')
    const parsed = parse.mock.calls.length
    parse.mockRestore()
    expect(parsed).toBe(1)
  })

  test('come from the first provider that knows them, each asked for once', async () => {
    const asked: string[] = []
    const later: string[] = []
    const providers = [provider({ A: 'first' }, asked), provider({ A: 'second', B: '' }, later)]
    const variables = '{"a":"secrets.A secrets.A","b":"secrets.B"}'
    expect(await resolver({ providers }).resolve(JOB, variables)).toMatchObject({
      variables: '{"a":"first first","b":""}',
    })
    expect([asked.sort(), later]).toEqual([['t/p/A', 't/p/B'], ['t/p/B']])
  })

  test('cost nothing if it has none', async () => {
    const variables = '{"a": 1.0}'
    const none = resolver({ providers: [away('x')], filter: { mode: 'STRICT', lists: unreadable } })
    expect(await none.resolve(JOB, variables)).toEqual({ ok: true, variables, used: [] })
    expect(await none.resolve(JOB, '{"a":"secrets. "}')).toMatchObject({ ok: true, used: [] })
  })

  test('fail the job for good if one is missing, and name it', async () => {
    const variables = '{"a":"{{secrets.A}}","b":"{{secrets.FOO2}} secrets.FOO3"}'
    expect(await resolver().resolve(JOB, variables)).toEqual({
      ok: false,
      error: {
        type: 'io.camunda.connector.api.error.ConnectorInputException',
        message: "Secret with name 'FOO2' is not available",
        input: true,
      },
    })
  })

  test('that cannot be fetched now cost the job one retry', async () => {
    const providers = [provider({ A: 'x' }), away('Console is away')]
    expect(await resolver({ providers }).resolve(JOB, '{"a":"secrets.A","b":"secrets.B"}')).toEqual({
      ok: false,
      error: {
        type: 'java.lang.RuntimeException',
        message:
          "Fetching secrets failed, original error can't be displayed as the error message might contain secrets: Console is away",
        input: false,
        retryBackoffMs: 0,
      },
    })
  })

  test('are limited to a hundred, so that no job makes a source of secrets answer thousands of requests', async () => {
    const asked: string[] = []
    const providers = [provider({}, asked)]
    const names = Array.from({ length: 101 }, (_, index) => `"secrets.S${index}"`)
    const resolved = await resolver({ providers }).resolve(JOB, `{"a":[${names.join(',')}]}`)
    expect(resolved).toMatchObject({
      ok: false,
      error: { input: true, message: expect.stringMatching(/names 101 secrets.*100/) },
    })
    expect(asked).toEqual([])
  })

  test('do not change variables that are not JSON or nested too deep: binding reports these', async () => {
    expect(await resolver().resolve(JOB, 'secrets.A')).toEqual({ ok: true, variables: 'secrets.A', used: [] })
    const deep = `{"a":${'['.repeat(1000)}"secrets.A"${']'.repeat(1000)}}`
    expect(await resolver().resolve(JOB, deep)).toMatchObject({
      ok: false,
      error: { input: true, message: expect.stringContaining('nesting depth') },
    })
  })
})

describe('the secret filter', () => {
  const variables = '{"data":{"newMessage":"{{secrets.A}}","modelId":"{{secrets.A}} secrets.B"}}'
  const lists = listed(
    allowList({ inputs: [{ target: 'data.newMessage', source: '{{secrets.A}}' }], reads: new Map() }, '8.9'),
  )

  test.each(['STRICT', 'LAX'] as const)(
    '%s leaves references that the task may not use unchanged, and does not fetch them',
    async (mode) => {
      const asked: string[] = []
      const providers = [provider({ A: 'value-a', B: 'value-b' }, asked)]
      expect(await resolver({ providers, filter: { mode, lists } }).resolve(JOB, variables)).toEqual({
        ok: true,
        variables: '{"data":{"newMessage":"value-a","modelId":"{{secrets.A}} secrets.B"}}',
        used: [{ name: 'A', value: 'value-a' }],
      })
      expect(asked).toEqual(['t/p/A'])
    },
  )

  test('STRICT fails the job with a retry in 5 s when the process cannot be read', async () => {
    const filter = { mode: 'STRICT', lists: unreadable } as const
    expect(await resolver({ filter }).resolve(JOB, variables)).toEqual({
      ok: false,
      error: {
        type: 'io.camunda.connector.runtime.core.secret.SecretAllowListUnavailableException',
        message:
          "Error retrieving secret keys for element 'Activity_1' in process definition key 42 (answered 503)",
        input: false,
        retryBackoffMs: 5_000,
      },
    })
  })

  test('LAX allows all when the process cannot be read', async () => {
    const filter = { mode: 'LAX', lists: unreadable } as const
    expect(await resolver({ filter }).resolve(JOB, variables)).toMatchObject({
      variables: '{"data":{"newMessage":"value-a","modelId":"value-a value-b"}}',
    })
  })
})
