// Against real servers on loopback, which is only reachable where it is allowed.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type LookupFunction, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { ProxyAgent } from 'undici'
import { afterEach, expect, test } from 'vitest'
import { makeCertificate } from '../../sim/certificate.ts'
import { parseAllowedHost } from '../../src/documents/allowed-hosts.ts'
import { type Downloader, type DownloadOptions, makeDownloader } from '../../src/documents/download.ts'

const servers: Server[] = []
const downloaders: Downloader[] = []

afterEach(async () => {
  await Promise.all(downloaders.splice(0).map((downloader) => downloader.close()))
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})

async function serve(listener: RequestListener): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    // A client that has seen enough hangs up.
    response.on('error', () => undefined)
    listener(request, response)
  })
  servers.push(server)
  return { host: `127.0.0.1:${await listening(server)}`, asked }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function downloader(allow: readonly string[], options: Partial<DownloadOptions> = {}): Downloader {
  const allowedHosts = allow.flatMap((entry) => parseAllowedHost(entry) ?? [])
  const made = makeDownloader({ allowedHosts, maxBytes: 1000, timeoutMs: 5_000, ...options })
  downloaders.push(made)
  return made
}

const never = new AbortController().signal

async function errorOf(from: Downloader, url: string): Promise<string> {
  const got = await from.download(url, never)
  if (got.ok) throw new Error('downloaded')
  return `${got.error.type.replace(/^.*\./, '')} ${got.error.code ?? '-'} ${got.error.message}`
}

test('a document has the name and the type that the server gives', async () => {
  const { host } = await serve((request, response) => {
    expect(request.headers.authorization).toBeUndefined()
    response.writeHead(200, {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': 'attachment; filename="a.txt"',
    })
    response.end('DOC')
  })
  const got = await downloader([host]).download(`http://${host}/x?signature=1`, never)
  expect(got).toEqual({
    ok: true,
    value: { bytes: Buffer.from('DOC'), fileName: 'a.txt', contentType: 'text/plain; charset=utf-8' },
  })
})

test('a host on the list may be a name', async () => {
  const { host } = await serve((_, response) => response.end('DOC'))
  const port = host.split(':')[1]
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(null, [{ address: '127.0.0.1', family: 4 }])
  const got = await downloader(['*.internal'], { lookup }).download(`http://files.internal:${port}/`, never)
  expect(got.ok).toBe(true)
})

test.each(['http://127.0.0.1:%/', 'http://[::1]:%/', 'http://0x7f.1:%/', 'http://[::ffff:127.0.0.1]:%/'])(
  '%s is refused before a request is sent',
  async (pattern) => {
    const { host, asked } = await serve((_, response) => response.end('secret'))
    const url = pattern.replace('%', host.split(':')[1] ?? '')
    expect(await errorOf(downloader(['example.com']), url)).toMatch(
      /^ConnectorInputException - A document is not fetched: .* has no public address.*QUARRY_DOCUMENT_ALLOW_HOSTS/,
    )
    expect(asked).toEqual([])
  },
)

test('a name that resolves to a private address is refused, whatever it resolved to before', async () => {
  const { host, asked } = await serve((_, response) => response.end('secret'))
  const answers: string[][] = []
  const lookup: LookupFunction = (_name, _options, callback) => {
    answers.push(['127.0.0.1'])
    callback(null, [{ address: '127.0.0.1', family: 4 }])
  }
  const from = downloader([], { lookup })
  for (const _ of [1, 2]) {
    const error = await errorOf(from, `http://rebound.example.com:${host.split(':')[1]}/`)
    expect(error).toContain('rebound.example.com has no public address')
  }
  expect(answers).toHaveLength(2)
  expect(asked).toEqual([])
})

test('a redirect is followed to an allowed host, and to no other', async () => {
  const hidden = await serve((_, response) => response.end('secret'))
  const open = await serve((request, response) => {
    if (request.url === '/there') return response.end('DOC')
    response.writeHead(302, { location: request.url === '/a' ? '/there' : `http://${hidden.host}/` }).end()
  })
  const from = downloader([open.host])
  expect((await from.download(`http://${open.host}/a`, never)).ok).toBe(true)
  expect(await errorOf(from, `http://${open.host}/b`)).toContain('no public address')
  expect(hidden.asked).toEqual([])
})

test('endless redirects are stopped', async () => {
  const { host, asked } = await serve((request, response) =>
    response.writeHead(302, { location: `${request.url}x` }).end(),
  )
  expect(await errorOf(downloader([host]), `http://${host}/`)).toContain('more than 5 redirects')
  expect(asked).toHaveLength(6)
})

test.each([
  ['file:///etc/passwd', 'only http: and https: are fetched'],
  ['ftp://example.com/a', 'only http: and https: are fetched'],
  ['http://user:secret@example.com/', 'a user name or a password'],
  ['nonsense', 'not a URL with a host'],
  ['', 'not a URL with a host'],
])('%s is not fetched', async (url, reason) => {
  const error = await errorOf(downloader([]), url)
  expect(error).toMatch(/^ConnectorInputException/)
  expect(error).toContain(reason)
  expect(error).not.toContain('secret')
})

test('a redirect to a URL with a password is not followed', async () => {
  const { host } = await serve((_, response) =>
    response.writeHead(302, { location: 'http://user:secret@example.com/' }).end(),
  )
  expect(await errorOf(downloader([host]), `http://${host}/`)).toContain('a user name or a password')
})

test('a document that is too large is cut off, whether announced or not', async () => {
  const { host } = await serve((request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 5_000_000)
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(100)));
    }
    response.on('drain', write)
    write()
  })
  const from = downloader([host])
  for (const path of ['announced', 'endless']) {
    expect(await errorOf(from, `http://${host}/${path}`)).toMatch(
      /^RuntimeException - A document is larger than 1000 bytes: see QUARRY_DOCUMENT_MAX_BYTES/,
    )
  }
})

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['BR', brotliCompressSync],
] as const)('a document that comes compressed as %s is unpacked within the limit', async (encoding, pack) => {
  const { host } = await serve((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity')
    const content = request.url === '/bomb' ? Buffer.alloc(5_000_000) : Buffer.from('DOC')
    const body = request.url === '/broken' ? pack(content).subarray(0, 8) : pack(content)
    response.writeHead(200, { 'content-encoding': encoding }).end(body)
  })
  const from = downloader([host], { maxBytes: 100_000 })
  const got = await from.download(`http://${host}/`, never)
  expect(got.ok && Buffer.from(got.value.bytes).toString()).toBe('DOC')
  expect(await errorOf(from, `http://${host}/bomb`)).toContain('larger than 100000 bytes')
  if (encoding !== 'BR')
    expect(await errorOf(from, `http://${host}/broken`)).toContain('connection was aborted')
})

test('memory for a document is reserved before it is read, and as it grows', async () => {
  const { host } = await serve((request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 300)
    response.write(Buffer.alloc(100))
    response.end(Buffer.alloc(200))
  })
  const asked: [number, number][] = []
  const mayHold = (atLeast: number, atMost: number) => asked.push([atLeast, atMost]) < 0
  const from = downloader([host])
  for (const path of ['announced', 'grows']) {
    expect((await from.download(`http://${host}/${path}`, never, mayHold)).ok).toBe(false)
  }
  expect(asked).toEqual([
    [300, 300],
    [expect.any(Number), 1000],
  ])
})

test.each([404, 401, 503])('an answer with status %i fails with that code', async (status) => {
  const { host } = await serve((_, response) => response.writeHead(status).end('a body'))
  const error = await errorOf(downloader([host]), `http://${host}/`)
  expect(error).toMatch(new RegExp(`^ConnectorException ${status} [A-Z]`))
  expect(error).not.toContain('a body')
})

test('a server that is slow, silent, gone or disconnects causes a timeout or an abort', async () => {
  const { host } = await serve((request, response) => {
    if (request.url === '/slow') response.write('D')
    if (request.url === '/break')
      response.writeHead(200, { 'content-length': 10 }).write('D', () => response.destroy())
  })
  const from = downloader([host, '127.0.0.1'], { timeoutMs: 150 })
  const timedOut = 'ConnectorException 408 The request timed out.'
  expect(await errorOf(from, `http://${host}/slow`)).toContain(timedOut)
  expect(await errorOf(from, `http://${host}/silent`)).toContain(timedOut)
  const aborted = 'ConnectorException 408 An error occurred while executing the request'
  expect(await errorOf(from, `http://${host}/break`)).toContain(aborted)
  expect(await errorOf(from, 'http://127.0.0.1:1/')).toContain(aborted)
})

test('a download ends at once when the process stops', async () => {
  const stopping = new AbortController()
  const { host } = await serve((_, response) => {
    response.write('D')
    stopping.abort()
  })
  await expect(downloader([host]).download(`http://${host}/`, stopping.signal)).rejects.toThrow(/abort/i)
})

test('through a proxy, a name that resolves here to a private address is refused', async () => {
  const { host, asked } = await serve((_, response) => response.end('DOC'))
  const through = new ProxyAgent(`http://${host}`)
  const known: Readonly<Record<string, string[]>> = {
    'public.example': ['8.8.8.8'],
    'metadata.example': ['169.254.169.254'],
    'both.example': ['8.8.8.8', '10.0.0.1'],
    'allowed.example': ['10.0.0.1'],
  }
  const lookup: LookupFunction = (name, _options, callback) => {
    const addresses = known[name]?.map((address) => ({ address, family: 4 }))
    if (addresses === undefined) callback(Object.assign(new Error(), { code: 'ENOTFOUND' }), [])
    else callback(null, addresses)
  }
  const from = downloader(['allowed.example'], { lookup, proxy: () => through })
  for (const name of ['metadata.example', 'both.example', 'a.internal', 'localhost.', '10.0.0.1', '[::1]']) {
    expect(await errorOf(from, `http://${name}/`)).toContain(`${name} has no public address`)
  }
  expect(asked).toEqual([])
  expect(await errorOf(from, 'http://unknown.example/')).toMatch(
    /unknown\.example cannot be looked up by this worker.*QUARRY_DOCUMENT_PROXY_TRUSTED=true/,
  )
  expect(asked).toEqual([])
  for (const name of ['public.example', 'allowed.example']) {
    expect((await from.download(`http://${name}/`, never)).ok).toBe(true)
  }
  expect(asked).toHaveLength(2)
  const trusting = downloader([], { lookup, proxy: () => through, proxyTrusted: true })
  expect((await trusting.download('http://unknown.example/', never)).ok).toBe(true)
  expect(await errorOf(trusting, 'http://metadata.example/')).toContain('has no public address')
  await through.destroy()
})

test('through a proxy, an unanswered name lookup is tried once and skipped', async () => {
  const through = new ProxyAgent('http://127.0.0.1:1')
  const lookup: LookupFunction = (_name, _options, callback) =>
    callback(Object.assign(new Error(), { code: 'EAI_AGAIN' }), [])
  const from = downloader([], { lookup, proxy: () => through })
  expect(await errorOf(from, 'https://public.example/')).toMatch(
    /^ConnectorException 408 .*cannot be looked up/,
  )
  await through.destroy()
})

test('through a proxy, https: goes to the address that was checked, wherever the name resolves later', async () => {
  const { certificate, key } = await makeCertificate(['files.example'])
  const seen: unknown[] = []
  const files = createTlsServer({ cert: certificate, key }, (incoming, answer) => {
    seen.push([(incoming.socket as TLSSocket).servername, incoming.headers.host, incoming.url])
    answer.end('DOC')
  })
  servers.push(files)
  const port = await listening(files)
  const tunnels: (string | undefined)[] = []
  const proxy = createServer()
  servers.push(proxy)
  proxy.on('connect', ({ url }: IncomingMessage, client: Socket) => {
    tunnels.push(url)
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    for (const socket of [client, onward]) socket.on('error', () => undefined)
  })
  const through = new ProxyAgent(`http://127.0.0.1:${await listening(proxy)}`)
  let asked = 0
  const lookup: LookupFunction = (_name, _options, callback) => {
    asked += 1
    callback(null, [{ address: asked === 1 ? '93.184.216.34' : '169.254.169.254', family: 4 }])
  }
  const from = downloader([], { lookup, proxy: () => through })
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, certificate])
  try {
    expect(await from.download('https://files.example/a', never)).toMatchObject({ ok: true })
    expect(await errorOf(from, 'https://files.example/a')).toContain('has no public address')
  } finally {
    setDefaultCACertificates(trusted)
  }
  expect(tunnels).toEqual(['93.184.216.34:443'])
  expect(seen).toEqual([['files.example', 'files.example', '/a']])
  // Whatever server the proxy leads to must have a certificate for the name.
  const elsewhere = downloader([], {
    lookup: (_name, _options, callback) => callback(null, [{ address: '93.184.216.34', family: 4 }]),
    proxy: () => through,
  })
  expect(await errorOf(elsewhere, 'https://other.example/a')).toContain('408')
  await through.destroy()
})

test('a name lookup without an answer ends at the time limit of the download', async () => {
  const { host } = await serve((_, response) => response.end('DOC'))
  const through = new ProxyAgent(`http://${host}`)
  const from = downloader([], { lookup: () => undefined, proxy: () => through, timeoutMs: 100 })
  expect(await errorOf(from, 'http://public.example/')).toContain('The request timed out.')
  await through.destroy()
})
