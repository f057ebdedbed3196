import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeAuthorization } from '../../src/camunda/authorization.ts'

test('without a strategy there is no header', async () => {
  expect(await makeAuthorization({ strategy: 'NONE' })()).toBeNull()
})

test('basic authorization carries name and password in UTF-8', async () => {
  const header = await makeAuthorization({ strategy: 'BASIC', username: 'demo', password: 'pässword' })()
  expect(header).toBe(`Basic ${Buffer.from('demo:pässword').toString('base64')}`)
})

test('a bearer token is passed on', async () => {
  expect(await makeAuthorization({ strategy: 'BEARER', token: 'abc' })()).toBe('Bearer abc')
})

describe('OAuth', () => {
  let home: string
  let server: Server
  let url: string
  let forms: string[]
  let status: number

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'quarry-home-'))
    vi.stubEnv('HOME', home)
    forms = []
    status = 200
    server = createServer(async (request, response) => {
      forms.push(await text(request))
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ access_token: webToken(forms.length), expires_in: 3600 }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/oauth/token`
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(home, { recursive: true })
  })

  const settings = () => ({ strategy: 'OAUTH', url, clientId: 'quarry', clientSecret: 'hunter2' }) as const

  test('a token is fetched once and used again', async () => {
    const authorization = makeAuthorization({ ...settings(), audience: 'zeebe-api' })
    expect(await Promise.all([authorization(), authorization()])).toEqual(
      Array(2).fill(`Bearer ${webToken(1)}`),
    )
    expect(await authorization()).toBe(`Bearer ${webToken(1)}`)
    expect(forms).toHaveLength(1)
    const form = new URLSearchParams(forms[0])
    expect(Object.fromEntries(form)).toMatchObject({
      ...{ grant_type: 'client_credentials', client_id: 'quarry', client_secret: 'hunter2' },
      audience: 'zeebe-api',
    })
  })

  test('nothing is written to the home folder', async () => {
    await makeAuthorization(settings())()
    expect(await readdir(home)).toEqual([])
  })

  test('a refused secret rejects without showing it', async () => {
    status = 401
    const refused = await makeAuthorization(settings())().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Error)
    expect(String(refused)).not.toContain('hunter2')
  })
})

/** An unsigned JSON web token: the SDK reads the time it runs out from it, and takes no other kind. */
function webToken(id: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ jti: String(id), exp: 4_102_444_800 })}.x`
}
