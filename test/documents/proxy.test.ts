import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeCertificate } from '../../sim/certificate.ts'
import { makeProxyDispatchers, type ProxyDispatchers } from '../../src/documents/proxy.ts'
import { type DocumentProxies, proxyFor } from '../../src/documents/proxy-for.ts'

const NONE = { scheme: 'http' } as const
const proxies: DocumentProxies = {
  http: { scheme: 'http', host: 'plain.example', port: 3128 },
  https: { scheme: 'https', host: 'tls.example', port: 8443, user: 'u', password: 'p:w' },
  nonProxyHosts: 'localhost|*.internal|10.*|exact.example',
}

describe('the proxy for a document', () => {
  test('is chosen by the scheme of its URL', () => {
    expect(proxyFor(new URL('http://a.example/x'), proxies)).toEqual({
      address: 'http://plain.example:3128',
      authorization: null,
    })
    expect(proxyFor(new URL('https://a.example/x'), proxies)).toEqual({
      address: 'https://tls.example:8443',
      authorization: `Basic ${Buffer.from('u:p:w').toString('base64')}`,
    })
  })

  test.for(['localhost', 'LOCALHOST', 'a.internal', 'a.b.internal', '10.0.0.7', 'exact.example'])(
    'is bypassed for %s',
    (host) => {
      expect(proxyFor(new URL(`http://${host}/`), proxies)).toBeNull()
    },
  )

  test.for(['internal', 'alocalhost', '110.0.0.7', 'exactXexample', 'a.exact.example'])(
    'is used for %s',
    (host) => {
      expect(proxyFor(new URL(`http://${host}/`), proxies)).not.toBeNull()
    },
  )

  test('an IPv6 host is named with or without brackets', () => {
    for (const nonProxyHosts of ['::1', '[::1]']) {
      expect(proxyFor(new URL('http://[::1]:9/'), { ...proxies, nonProxyHosts })).toBeNull()
    }
    const http = { scheme: 'http', host: 'fd00::1', port: 1 } as const
    expect(proxyFor(new URL('http://a.example'), { ...proxies, http })?.address).toBe('http://[fd00::1]:1')
  })

  test('is unset without a host or without a port', () => {
    const url = new URL('http://a.example/')
    expect(proxyFor(url, { http: { scheme: 'http', host: 'x' }, https: NONE })).toBeNull()
    expect(proxyFor(url, { http: { scheme: 'http', port: 1 }, https: NONE })).toBeNull()
  })

  test('does not get a user without a password', () => {
    const http = { scheme: 'http', host: 'x', port: 1, user: 'u' } as const
    expect(proxyFor(new URL('http://a.example/'), { http, https: NONE })?.authorization).toBeNull()
  })
})

describe('a document fetched through a proxy', () => {
  let proxy: Server
  let port: number
  let asked: { readonly target: string; readonly authorization: string | undefined }[]
  let dispatchers: ProxyDispatchers
  const note = ({ method, url, headers }: IncomingMessage) =>
    asked.push({ target: `${method} ${url}`, authorization: headers['proxy-authorization'] })

  beforeEach(async () => {
    asked = []
    proxy = createServer((incoming, answer) => {
      note(incoming)
      answer.end('by the proxy')
    })
    proxy.on('connect', (incoming: IncomingMessage, client: Socket) => {
      note(incoming)
      const onward = connect(Number(incoming.url?.split(':').at(-1)), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        onward.pipe(client).pipe(onward)
      })
      for (const socket of [client, onward]) socket.on('error', () => undefined)
    })
    port = await listen(proxy)
    const through = { scheme: 'http', host: '127.0.0.1', port, user: 'u', password: 'secret' } as const
    dispatchers = makeProxyDispatchers({ http: through, https: through, nonProxyHosts: 'direct.example' })
  })
  afterEach(async () => {
    await dispatchers?.close()
    proxy?.closeAllConnections()
    if (proxy !== undefined) await new Promise((resolve) => proxy.close(resolve))
  })

  const send = (url: URL) => {
    const dispatcher = dispatchers.dispatcherFor(url)
    if (dispatcher === null) throw new Error(`no proxy for ${url}`)
    return request(url, { dispatcher })
  }
  const authorization = `Basic ${Buffer.from('u:secret').toString('base64')}`

  test('over http is requested from the proxy, with its user and password', async () => {
    const url = new URL('http://files.example/a.pdf')
    const answer = await send(url)
    expect(await answer.body.text()).toBe('by the proxy')
    expect(asked).toEqual([{ target: 'GET http://files.example/a.pdf', authorization }])
  })

  test('over https goes through a tunnel', async () => {
    const { certificate, key } = await makeCertificate(['127.0.0.1'])
    const files = createTlsServer({ cert: certificate, key }, (_, answer) => answer.end('of the origin'))
    const url = new URL(`https://127.0.0.1:${await listen(files)}/a.pdf`)
    // The certificate of the origin is checked through the tunnel too.
    const refused = send(url)
    await expect(refused).rejects.toThrow(/certificate/)
    const tunnel = { target: `CONNECT ${url.host}`, authorization }
    expect(asked).toEqual([tunnel])
    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, certificate])
    try {
      expect(await (await send(url)).body.text()).toBe('of the origin')
    } finally {
      setDefaultCACertificates(trusted)
    }
    expect(asked).toEqual([tunnel, tunnel])
    files.closeAllConnections()
    await new Promise((resolve) => files.close(resolve))
  })

  test('comes directly if its host is excepted; connections are pooled by proxy', () => {
    expect(dispatchers.dispatcherFor(new URL('https://direct.example/'))).toBeNull()
    const first = dispatchers.dispatcherFor(new URL('https://a.example/'))
    expect(dispatchers.dispatcherFor(new URL('https://b.example/'))).toBe(first)
  })
})

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
