// Connections to AWS that cannot be made: each failure names its step, the endpoint and what to check.
import { readFile, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { generate } from 'selfsigned'
import { describe, expect, it } from 'vitest'
import type { AwsHttpOptions } from '../../src/aws/aws-http.ts'
import { describeFailure } from '../../src/aws/call-failure.ts'
import { connectError } from '../../src/aws/connect-error.ts'
import type { CallFailure, ConnectStep } from '../../src/job/call-failure.ts'
import { httpUnderTest } from './http-under-test.ts'
import {
  ask,
  makeTrust,
  startCompat,
  started,
  startHttp,
  startProxy,
  startTcp,
  startTls11,
  type TestServer,
} from './servers.ts'

const under = httpUnderTest()
const { made, up } = under
function failureOf(address: string, options: AwsHttpOptions = {}): Promise<CallFailure> {
  return ask(made(options), address).then(
    () => expect.fail('it was answered'),
    (error: unknown) => describeFailure(error),
  )
}

const BARE = /OpenSSL|[0-9A-F]{8}:|routines|write EPROTO|Error:|socket hang up/

describe('a connection that the system refuses', () => {
  const table: readonly (readonly [ConnectStep, string, CallFailure['network'], RegExp])[] = [
    ['lookup', 'ENOTFOUND', 'unknownHost', /no DNS server knows this name.*region.*DNS/],
    ['lookup', 'EAI_AGAIN', 'unknownHost', /look-up of its name failed.*DNS/],
    ['lookup', 'EAI_FAIL', 'unknownHost', /look-up of its name failed.*DNS/],
    ['tcp', 'ECONNREFUSED', 'refused', /connection refused.*firewalls/],
    ['tcp', 'EHOSTUNREACH', 'other', /no route to its address.*firewalls/],
    ['tcp', 'ENETUNREACH', 'other', /no route to its address.*proxy/],
    ['tcp', 'ENETDOWN', 'other', /network of this host is down/],
    ['tcp', 'ETIMEDOUT', 'timeout', /does not answer.*firewalls/],
    ['tcp', 'EADDRNOTAVAIL', 'other', /no free address or port.*how many connections/],
    ['tcp', 'EMFILE', 'other', /files and connections.*ulimit/],
    ['tls', 'CERT_HAS_EXPIRED', 'other', /not valid at this time.*clock/],
    ['tls', 'CERT_NOT_YET_VALID', 'other', /not valid at this time.*clock/],
    ['tls', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'other', /not trusted.*AWS_CA_BUNDLE/],
    ['tls', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'other', /not trusted.*AWS_CA_BUNDLE/],
    ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', 'other', /not trusted.*AWS_CA_BUNDLE/],
    ['tls', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'other', /not trusted.*AWS_CA_BUNDLE/],
    ['tls', 'ERR_TLS_CERT_ALTNAME_INVALID', 'other', /other names.*endpoint/],
    ['tls', 'ERR_SSL_WRONG_VERSION_NUMBER', 'other', /does not speak TLS.*port/],
    ['tls', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'other', /does not speak TLS.*port/],
    ['tls', 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', 'other', /refuses the TLS handshake.*inspects/],
    ['tls', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'other', /refuses the TLS handshake.*inspects/],
    ['tls', 'ECONNRESET', 'reset', /closed in the TLS handshake.*inspects/],
    ['tls', 'SOMETHING_NEW', 'other', /handshake failed.*inspects/],
  ]

  it.each(table)('at the step %s, by %s: %s', (step, code, network, message) => {
    const place = { step, endpoint: 'bedrock.example.com:443', proxy: null, boundMs: 7_000 }
    const plain = Object.assign(new Error('error:0A00010B:SSL routines::words'), { code })
    for (const error of [plain, new AggregateError([plain]), new Error('x', { cause: plain })]) {
      const failure = describeFailure(connectError({ ...place, error }))
      expect(failure).toMatchObject({
        ...{ name: 'ConnectError', connect: step, endpoint: 'bedrock.example.com:443', network },
        message: expect.stringMatching(message),
      })
      expect(failure.message).toMatch(/^bedrock\.example\.com:443 cannot be connected to: .*\.$/)
      expect(failure.message).not.toMatch(BARE)
      expect(failure).not.toHaveProperty('unprocessed')
    }
  })

  it.each(['lookup', 'tcp', 'proxy', 'tls'] as const)('names the time limit that ran out: %s', (step) => {
    const place = { step, endpoint: 'bedrock.example.com:443', proxy: null, boundMs: 7_000 }
    const failure = describeFailure(connectError(place))
    expect(failure).toMatchObject({ connect: step, message: expect.stringContaining('for 7 s') })
    expect(failure.network).toBe(step === 'lookup' ? 'unknownHost' : 'timeout')
  })
})

describe('connecting directly', () => {
  it('to an unknown host name fails at the look-up', async () => {
    const failure = await failureOf('https://bedrock.nowhere.invalid/')
    expect(failure).toMatchObject({
      ...{ connect: 'lookup', network: 'unknownHost', endpoint: 'bedrock.nowhere.invalid:443' },
    })
  })

  it.each(['http', 'https'])('to a port where nobody listens fails at TCP: %s', async (scheme) => {
    expect(await failureOf(`${scheme}://127.0.0.1:1/`)).toMatchObject({
      ...{ connect: 'tcp', network: 'refused', endpoint: '127.0.0.1:1' },
    })
    // A name with two addresses.
    expect(await failureOf(`${scheme}://localhost:1/`)).toMatchObject({ connect: 'tcp', network: 'refused' })
  })

  it.each([
    ['is silent', () => {}, 'timeout', /silent in the TLS handshake for 0.3 s/],
    ['closes', (socket: { end(): unknown }) => socket.end(), 'reset', /closed in the TLS handshake/],
    [
      'resets',
      (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
      'reset',
      /closed in the TLS handshake/,
    ],
    [
      'speaks in the clear',
      (socket: { end(text: string): unknown }) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'other',
      /does not speak TLS/,
    ],
  ] as const)('to a server that %s in the handshake fails at TLS', async (_what, take, network, message) => {
    const server = await up(startTcp(take as never))
    const failure = await failureOf(`https://127.0.0.1:${server.port}/`, { connectTimeoutMs: 300 })
    expect(failure).toMatchObject({ connect: 'tls', network, message: expect.stringMatching(message) })
    expect(failure.message).not.toMatch(BARE)
  })

  it('to a server whose certificate is not trusted, or for other names, fails at TLS', async () => {
    const answer = (_request: unknown, response: { end(): unknown }) => response.end()
    const stranger = await makeTrust(['other.example.com'])
    const server = await up(startTls11(stranger, answer as never))
    const address = `https://127.0.0.1:${server.port}/`
    expect(await failureOf(address)).toMatchObject({
      ...{ connect: 'tls', message: expect.stringMatching(/not trusted.*AWS_CA_BUNDLE/) },
    })
    under.http.close()
    expect(await failureOf(address, { caBundle: stranger.caBundle })).toMatchObject({
      ...{ connect: 'tls', message: expect.stringMatching(/other names/) },
    })
    await stranger.remove()
  })

  it('to a server whose certificate has expired fails at TLS', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      notBeforeDate: new Date(Date.now() - 20 * 86_400_000),
      notAfterDate: new Date(Date.now() - 86_400_000),
      extensions: [
        { name: 'basicConstraints', cA: true, critical: true },
        { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      ],
    })
    const old = await makeTrust()
    await writeFile(old.caBundle, cert)
    const server = await up(started(createTls({ cert, key })))
    expect(await failureOf(`https://127.0.0.1:${server.port}/`, { caBundle: old.caBundle })).toMatchObject({
      ...{ connect: 'tls', message: expect.stringMatching(/not valid at this time.*clock/) },
    })
    await old.remove()
  })

  it('fails all calls that wait for one connection at the same time limit, not one after the other', async () => {
    const server = await up(startTcp(() => {}))
    made({ connectTimeoutMs: 500 })
    const begunAt = performance.now()
    const calls = Array.from({ length: 20 }, () =>
      ask(under.http, `https://127.0.0.1:${server.port}/`).catch((error: unknown) => describeFailure(error)),
    )
    for (const failure of await Promise.all(calls)) expect(failure).toMatchObject({ connect: 'tls' })
    expect(server.connections()).toBe(1)
    expect(performance.now() - begunAt).toBeLessThan(20 * 500)
  })

  it('stops when the call that opened it is aborted', async () => {
    const server = await up(startTcp(() => {}))
    const signal = AbortSignal.timeout(50)
    const call = ask(made(), `https://127.0.0.1:${server.port}/`, { signal })
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it.each(['http', 'https'])('arms TCP keep-alive: %s', async (scheme) => {
    const server: TestServer = await up(
      scheme === 'http'
        ? startHttp(async (_request, response) => {
            // Right after a write it is the timer of the acknowledgement.
            await expect.poll(() => keepAliveTimer(server.port)).toMatch(/^02:/)
            response.end()
          })
        : startCompat(
            under.trust,
            async (_request, response) => {
              await expect.poll(() => keepAliveTimer(server.port)).toMatch(/^02:/)
              response.end()
            },
            false,
          ),
    )
    expect(await ask(made(), `${scheme}://127.0.0.1:${server.port}/`)).toMatchObject({ status: 200 })
  })
})

/** The timer of the connection to a loopback port, as the system shows it: `kind:when`; kind 2 is keep-alive. */
async function keepAliveTimer(port: number): Promise<string> {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/))
  return lines.find(([, , to, state]) => to === remote && state === '01')?.[5] ?? 'no such connection'
}

describe('a proxy', () => {
  const yes = (_request: unknown, response: { end(text: string): unknown }) => response.end('yes')

  it.each(['HTTP/2', 'HTTP/1.1'])(
    'is a tunnel for https: endpoints of %s, and knows the user',
    async (version) => {
      const server = await up(
        version === 'HTTP/2'
          ? startCompat(under.trust, yes as never, false)
          : startTls11(under.trust, yes as never),
      )
      const proxy = await up(startProxy())
      const address = `https://127.0.0.1:${server.port}/`
      const httpsProxy = proxy.url.replace('//', '//me:p%40ss@')
      expect(await ask(made({ httpsProxy }), address)).toEqual({ status: 200, text: 'yes' })
      expect(await ask(under.http, address)).toEqual({ status: 200, text: 'yes' })
      expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${server.port}`])
      expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`])
    },
  )

  it('of https: is trusted by the same authorities', async () => {
    const server = await up(startTls11(under.trust, yes as never))
    const proxy = await up(startProxy(200, under.trust))
    expect(await ask(made({ httpsProxy: proxy.url }), `https://127.0.0.1:${server.port}/`)).toMatchObject({
      text: 'yes',
    })
    expect(proxy.asked.length).toBe(1)
  })

  it('is asked in absolute form for http: endpoints', async () => {
    const proxy = await up(startProxy())
    const httpProxy = proxy.url.replace('//', '//me:secret@')
    const answer = await ask(made({ httpProxy }), 'http://bedrock.nowhere.invalid/model/m1/invoke')
    expect(answer).toEqual({ status: 200, text: '{"by":"proxy"}' })
    expect(proxy.asked).toEqual(['POST http://bedrock.nowhere.invalid/model/m1/invoke'])
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:secret').toString('base64')}`])
  })

  it('is bypassed for hosts in NO_PROXY', async () => {
    const server = await up(startTls11(under.trust, yes as never))
    const options = { httpsProxy: 'http://127.0.0.1:1', noProxy: '127.0.0.0/8' }
    expect(await ask(made(options), `https://127.0.0.1:${server.port}/`)).toMatchObject({ text: 'yes' })
  })

  it.each([
    [407, /answered 407.*user and a password/],
    [403, /answered 403.*NO_PROXY/],
    [502, /answered 502.*proxy's own log/],
  ])('that answers %i is named in the error, without its password', async (status, message) => {
    const proxy = await up(startProxy(status))
    const httpsProxy = proxy.url.replace('//', '//me:hunter2@')
    const failure = await failureOf('https://bedrock.example.com/', { httpsProxy })
    expect(failure).toMatchObject({
      ...{ connect: 'proxy', network: 'other', endpoint: 'bedrock.example.com:443' },
      message: expect.stringMatching(message),
    })
    expect(failure.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY)`)
    expect(JSON.stringify(failure)).not.toContain('hunter2')
  })

  it('that requires a user for an http: endpoint is named in the error', async () => {
    const proxy = await up(startProxy(407))
    const failure = await failureOf('http://bedrock.example.com/', { httpProxy: proxy.url })
    expect(failure).toMatchObject({ connect: 'proxy', message: expect.stringMatching(/answered 407/) })
  })

  it.each([
    ['is not there', 'http://127.0.0.1:1', 'refused', /of the proxy: connection refused/],
    ['has no name', 'http://proxy.nowhere.invalid:3128', 'unknownHost', /of the proxy: no DNS server/],
  ])('that %s is named as the proxy in the error', async (_what, httpsProxy, network, message) => {
    const failure = await failureOf('https://bedrock.example.com/', { httpsProxy })
    expect(failure).toMatchObject({
      ...{ connect: 'proxy', network, endpoint: 'bedrock.example.com:443' },
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['is silent', () => {}, /the proxy gave no answer for 0.3 s/],
    ['closes', (socket: { end(): unknown }) => socket.end(), /broken off at once/],
    [
      'is none',
      (socket: { end(text: string): unknown }) => socket.end('220 smtp.example.com\r\n'),
      /speak HTTP/,
    ],
  ])('that %s is named as the proxy in the error', async (_what, take, message) => {
    const server = await up(startTcp(take as never))
    const options = { httpsProxy: `http://127.0.0.1:${server.port}`, connectTimeoutMs: 300 }
    const failure = await failureOf('https://bedrock.example.com/', options)
    expect(failure).toMatchObject({ connect: 'proxy', message: expect.stringMatching(message) })
    expect(failure.message).not.toMatch(BARE)
  })
})
