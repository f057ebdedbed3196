import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Authorization, makeAuthorization } from '../../src/camunda/authorization.ts'
import { makeRestClient, type RestClient, type RestOptions } from '../../src/camunda/rest-client.ts'
import { type Authority, type Issued, makeAuthority } from './certificates.ts'
import { type FakeTokenEndpoint, startFakeTokenEndpoint } from './fake-token-endpoint.ts'

describe('a call of the REST API over mutual TLS', () => {
  let authority: Authority
  let client: Issued
  let server: Server
  let address: string
  let asked: { readonly line: string; readonly authorization: string | undefined; readonly body: string }[]
  let answer: RequestListener
  const clients: RestClient[] = []

  beforeAll(async () => {
    authority = await makeAuthority('Test authority')
    client = await authority.issue('quarry')
    const { cert, key } = await authority.issue('camunda')
    server = createServer({ cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true })
    server.on('request', async (request: IncomingMessage, response) => {
      const { method, url, headers } = request
      asked.push({
        line: `${method} ${url}`,
        authorization: headers.authorization,
        body: await text(request),
      })
      answer(request, response)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const bound = server.address()
    address = `https://localhost:${typeof bound === 'object' ? bound?.port : ''}`
  })
  beforeEach(() => {
    asked = []
    answer = (_, response) => {
      response.setHeader('content-type', 'text/plain')
      response.end('hello')
    }
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((rest) => rest.close()))
  })
  afterAll(async () => {
    server?.closeAllConnections()
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
    await authority?.remove()
  })

  function make(overrides: Partial<RestOptions> = {}): RestClient {
    const tls = {
      rootCertificateFile: authority.certFile,
      certificateChainFile: client.certFile,
      privateKeyFile: client.keyFile,
    }
    const rest = makeRestClient({ address, tls, ...overrides })
    clients.push(rest)
    return rest
  }

  test('returns body and type; the address may end with /v2', async () => {
    for (const suffix of ['', '/', '/v2', '/v2/']) {
      const { body, contentType } = await make({ address: `${address}${suffix}` }).get('/v2/documents/1?a=b')
      expect([body.toString(), contentType]).toEqual(['hello', 'text/plain'])
    }
    expect(new Set(asked.map(({ line }) => line))).toEqual(new Set(['GET /v2/documents/1?a=b']))
  })

  test('sends JSON', async () => {
    await make({ address: `${address}/cluster` }).post('/v2/x', { a: 1 })
    expect(asked).toEqual([{ line: 'POST /cluster/v2/x', authorization: undefined, body: '{"a":1}' }])
  })

  test('is refused without our certificate, and the message names the setting', async () => {
    const rest = make({ tls: { rootCertificateFile: authority.certFile } })
    await expect(rest.get('/v2/x')).rejects.toMatchObject({
      ...{ status: null, later: true },
      message: expect.stringMatching(
        /at localhost:\d+ failed: it asks for a client certificate.*CERT_CHAIN_PATH/,
      ),
    })
    await expect(make({ tls: {} }).get('/v2/x')).rejects.toThrow(/CAMUNDA_CUSTOM_ROOT_CERT_PATH/)
  })

  test('that fails gives Camunda’s error, without the query', async () => {
    answer = (_, response) => {
      response.writeHead(403, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ title: 'FORBIDDEN', detail: 'not yours' }))
    }
    await expect(make().get('/v2/documents/1?contentHash=abc')).rejects.toMatchObject({
      ...{ status: 403, detail: 'not yours', later: false },
      message: expect.stringMatching(
        /^GET \/v2\/documents\/1 of Camunda's REST API at localhost:\d+ was answered 403: not yours Check what/,
      ),
    })
  })

  test('ends at its time limit, its signal, and its limit of bytes', async () => {
    answer = () => undefined
    await expect(make().get('/v2/x', { timeoutMs: 50 })).rejects.toThrow('no answer within 50 ms')
    const aborting = new AbortController()
    const call = make().get('/v2/x', { signal: aborting.signal })
    aborting.abort()
    await expect(call).rejects.toThrow('aborted')
    answer = (_, response) => response.end('x'.repeat(101))
    await expect(make().get('/v2/x', { maxBytes: 100 })).rejects.toThrow('more than 100 bytes')
  })

  test('ends at its time limit while there is no token', async () => {
    const slow = { header: () => new Promise<never>(() => undefined) }
    const authorization: Authorization = { ...slow, refused: () => false, close: async () => undefined }
    await expect(make({ authorization }).get('/v2/x', { timeoutMs: 50 })).rejects.toThrow('no answer within')
  })

  describe('with OAuth', () => {
    let endpoint: FakeTokenEndpoint
    let authorization: Authorization

    beforeEach(async () => {
      endpoint = await startFakeTokenEndpoint({ tls: await authority.issue('login') })
      authorization = makeAuthorization(
        { strategy: 'OAUTH', url: endpoint.url, clientId: 'quarry', clientSecret: 'hunter2' },
        { rootCertificateFile: authority.certFile },
      )
    })
    afterEach(async () => {
      await authorization?.close()
      await endpoint?.stop()
    })

    test('is sent once more when its token was refused', async () => {
      answer = ({ headers }, response) => {
        response.statusCode = headers.authorization === 'Bearer token-1' ? 401 : 200
        response.end()
      }
      await make({ authorization }).get('/v2/x')
      expect(asked.map((call) => call.authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
    })

    test('fails when the next token is refused too', async () => {
      answer = (_, response) => {
        response.statusCode = 401
        response.end()
      }
      await expect(make({ authorization }).get('/v2/x')).rejects.toMatchObject({ status: 401 })
      await expect(make({ authorization }).get('/v2/x')).rejects.toMatchObject({ status: 401 })
      expect(endpoint.forms).toHaveLength(2)
    })
  })
})
