import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeAuthorization } from '../../src/camunda/authorization.ts'
import { makeConsoleProvider } from '../../src/secrets/console-provider.ts'
import { type Answer, type LocalServer, startLocalServer, webToken } from './local-server.ts'

const SCOPE = { tenantId: 't', bpmnProcessId: 'p' }
let server: LocalServer
let answer: Answer
let now: number

beforeEach(async () => {
  answer = { body: '{"A":"value-a","N":1}' }
  now = 1_000
  server = await startLocalServer((request) =>
    request.url === '/token'
      ? { body: JSON.stringify({ access_token: webToken('console'), expires_in: 3600 }) }
      : answer,
  )
})
afterEach(() => server?.stop())

const provider = () =>
  makeConsoleProvider({
    endpoint: `${server.url}/secrets`,
    authorization: makeAuthorization({ strategy: 'BEARER', token: 'abc' }),
    now: () => now,
  })
const asked = () => server.requests.filter(({ path }) => path === '/secrets').length

describe('the secrets of Console', () => {
  test('are the text values of the object in its answer', async () => {
    const secrets = provider()
    expect(await secrets.get('A', SCOPE)).toBe('value-a')
    expect(await secrets.get('N', SCOPE)).toBeNull()
    expect(await secrets.get('toString', SCOPE)).toBeNull()
    expect(server.requests[0]).toMatchObject({ path: '/secrets', authorization: 'Bearer abc' })
  })

  test('are fetched with a token for their own audience', async () => {
    const oauth = { strategy: 'OAUTH', clientId: 'quarry', clientSecret: 'hunter2' } as const
    const url = `${server.url}/token`
    const authorization = makeAuthorization({ ...oauth, url, audience: 'secrets.camunda.io' })
    await makeAuthorization({ ...oauth, url, audience: 'zeebe.camunda.io' }).header()
    const secrets = makeConsoleProvider({ endpoint: `${server.url}/secrets`, authorization, now: () => now })
    expect(await secrets.get('A', SCOPE)).toBe('value-a')
    expect(server.requests.at(-1)?.authorization).toBe(`Bearer ${webToken('console')}`)
    expect(server.requests.map(({ body }) => new URLSearchParams(body).get('audience'))).toEqual([
      'zeebe.camunda.io',
      'secrets.camunda.io',
      null,
    ])
  })

  test('are requested at most every 20 s, however many jobs need them', async () => {
    const secrets = provider()
    await Promise.all(Array.from({ length: 50 }, () => secrets.get('A', SCOPE)))
    now += 19_999
    await secrets.get('B', SCOPE)
    expect(asked()).toBe(1)
    now += 1
    answer = { body: '{"A":"rotated"}' }
    expect(await secrets.get('A', SCOPE)).toBe('rotated')
    expect(asked()).toBe(2)
  })

  test('stay valid for ten minutes while Console is unreachable', async () => {
    const secrets = provider()
    await secrets.get('A', SCOPE)
    answer = { status: 503, body: '' }
    now += 590_000
    expect(await secrets.get('A', SCOPE)).toBe('value-a')
    now += 20_000
    await expect(secrets.get('A', SCOPE)).rejects.toThrow('it answered 503')
    answer = { body: '{"A":"back"}' }
    expect(await secrets.get('A', SCOPE)).toBe('back')
  })

  test.each([
    [{ status: 401, body: 'value-a' }, 'it answered 401'],
    [{ body: '["value-a"]' }, 'its answer is no JSON object of texts'],
    [{ body: '{"A":"value-a"' }, 'its answer is no JSON object of texts'],
  ])('that cannot be read cause an error without the answer’s content: %j', async (wrong, reason) => {
    answer = wrong
    const error: unknown = await provider()
      .get('A', SCOPE)
      .catch((thrown: unknown) => thrown)
    expect(String(error)).toBe(
      `Error: The secrets of the cluster could not be fetched from Console: ${reason}`,
    )
  })
})
