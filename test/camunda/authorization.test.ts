import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Authorization, makeAuthorization } from '../../src/camunda/authorization.ts'
import type { TlsFiles } from '../../src/camunda/tls-files.ts'
import { type Authority, type Issued, makeAuthority } from './certificates.ts'
import { type FakeTokenEndpoint, startFakeTokenEndpoint } from './fake-token-endpoint.ts'

describe('without a token endpoint', () => {
  test('there is no authorization header without a strategy', async () => {
    const none = makeAuthorization({ strategy: 'NONE' })
    expect(await none.header()).toBeNull()
  })

  test('basic authorization carries name and password in UTF-8', async () => {
    const basic = makeAuthorization({ strategy: 'BASIC', username: 'demo', password: 'pässword' })
    expect(await basic.header()).toBe(`Basic ${Buffer.from('demo:pässword').toString('base64')}`)
  })

  test('a configured bearer token is sent, and not replaced when it is refused', async () => {
    const bearer = makeAuthorization({ strategy: 'BEARER', token: 'abc' })
    expect(await bearer.header()).toBe('Bearer abc')
    expect(bearer.refused('Bearer abc')).toBe(false)
  })
})

describe('OAuth', () => {
  let authority: Authority
  let other: Authority
  let server: Issued
  let client: Issued
  let home: string
  let endpoint: FakeTokenEndpoint
  const open: Authorization[] = []

  beforeAll(async () => {
    authority = await makeAuthority('Test authority')
    other = await makeAuthority('Another authority')
    server = await authority.issue('login')
    client = await authority.issue('quarry')
  })
  afterAll(async () => {
    await Promise.all([authority?.remove(), other?.remove()])
  })
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'quarry-home-'))
    vi.stubEnv('HOME', home)
    endpoint = await startFakeTokenEndpoint({ tls: server })
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await Promise.all(open.splice(0).map((authorization) => authorization.close()))
    await endpoint?.stop()
    await rm(home ?? '', { recursive: true, force: true })
  })

  function make(overrides: object = {}, tls: TlsFiles = { rootCertificateFile: authority.certFile }) {
    const settings = {
      ...({ strategy: 'OAUTH', url: endpoint.url, clientId: 'quarry', clientSecret: 'hunter2&=' } as const),
      ...overrides,
    }
    const authorization = makeAuthorization(settings, tls)
    open.push(authorization)
    return authorization
  }

  test('sends the client credentials in the form, over TLS of an authority of our own', async () => {
    const authorization = make({ audience: 'zeebe-api', scope: 'a b', resource: 'r' })
    expect(await authorization.header()).toBe('Bearer token-1')
    expect(await authorization.header()).toBe('Bearer token-1')
    expect(endpoint.forms).toEqual([
      {
        ...{ grant_type: 'client_credentials', client_id: 'quarry', client_secret: 'hunter2&=' },
        ...{ audience: 'zeebe-api', scope: 'a b', resource: 'r' },
      },
    ])
    expect(await readdir(home)).toEqual([])
  })

  test('leaves out what is not set', async () => {
    await make().header()
    expect(Object.keys(endpoint.forms[0] ?? {})).toEqual(['grant_type', 'client_id', 'client_secret'])
  })

  test('finds the token endpoint by the description of the provider', async () => {
    const authorization = make({ url: undefined, discoveryUrl: endpoint.discoveryUrl })
    expect(await authorization.header()).toBe('Bearer token-1')
  })

  test('sends no secret to an endpoint without TLS that an encrypted description names', async () => {
    const plain = await startFakeTokenEndpoint()
    endpoint.describes = plain.url
    const message = await messageOf(make({ url: undefined, discoveryUrl: endpoint.discoveryUrl }).header())
    await plain.stop()
    expect(message).toMatch(/names the token endpoint http:.* unencrypted.*CAMUNDA_OAUTH_URL/)
    expect(plain.forms).toEqual([])
  })

  test('takes a lifetime that is written as a text', async () => {
    endpoint.answer = { fields: { expires_in: '0.001' } }
    const authorization = make()
    await authorization.header()
    await vi.waitUntil(async () => (await authorization.header()) !== 'Bearer token-1')
  })

  test('a refused token is fetched again', async () => {
    const authorization = make()
    expect(authorization.refused((await authorization.header()) ?? '')).toBe(true)
    expect(await authorization.header()).toBe('Bearer token-2')
  })

  test('a refused secret rejects with address, status and code, without the secret', async () => {
    endpoint.answer = { status: 401, fields: { error: 'invalid_client', error_description: 'hunter2&= no' } }
    const message = await messageOf(make().header())
    expect(message).toContain(`${endpoint.url} answered 401, invalid_client. Check client id, client secret`)
    expect(message).not.toContain('hunter2')
  })

  test.each([
    [{ status: 503, fields: '<html>busy</html>' }, 'answered 503.'],
    [{ fields: 'no JSON' }, 'answered without an access token. Is it the token endpoint?'],
    [{ fields: { access_token: 'a\nb' } }, 'answered without an access token'],
    [{ status: 400, fields: { error: 'bad code, hunter2&=' } }, 'answered 400. Check'],
  ])('an answer %j is shown in the error', async (answer, told) => {
    endpoint.answer = answer
    const message = await messageOf(make().header())
    expect(message).toContain(told)
    expect(message).not.toContain('hunter2')
  })

  test('an endpoint of an unknown authority is not trusted, and the setting is named', async () => {
    for (const tls of [{}, { rootCertificateFile: other.certFile }]) {
      const message = await messageOf(make({}, tls).header())
      expect(message).toContain(`${endpoint.url} cannot be reached: its certificate is of an authority`)
      expect(message).toContain('CAMUNDA_CUSTOM_ROOT_CERT_PATH')
    }
    expect(endpoint.forms).toEqual([])
  })

  test('the client certificate is shown to an endpoint that asks for one', async () => {
    const strict = await startFakeTokenEndpoint({ tls: { ...server, clientAuthority: authority.cert } })
    const tls = {
      rootCertificateFile: authority.certFile,
      certificateChainFile: client.certFile,
      privateKeyFile: client.keyFile,
    }
    expect(await make({ url: strict.url }, tls).header()).toBe('Bearer token-1')
    expect(await messageOf(make({ url: strict.url }).header())).toContain('asks for a client certificate')
    await strict.stop()
  })

  test('close aborts a token request in flight', async () => {
    const release = endpoint.hold()
    const authorization = make()
    const header = authorization.header()
    header.catch(() => undefined)
    await vi.waitUntil(() => endpoint.forms.length === 1)
    await authorization.close()
    await expect(header).rejects.toThrow()
    release()
  })
})

async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'it went through',
    (error: unknown) => String(error),
  )
}
