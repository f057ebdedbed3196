// Connections to AWS, against servers and networks on loopback: which HTTP version, how many, and what happens to those that die.
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { HttpRequest } from '@smithy/core/protocols'
import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/aws/call-failure.ts'
import { LARGEST_ANSWER } from '../../src/aws/connection.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'
import { startTcpProxy, type TcpProxy } from '../chaos/tcp-proxy.ts'
import { httpUnderTest } from './http-under-test.ts'
import { startRawH2 } from './raw-h2.ts'
import { ask, startCompat, startH2, startHttp, startProxy, startTls11, type TestServer } from './servers.ts'

const under = httpUnderTest()
const { made, up } = under
async function swallowing(target: TestServer): Promise<TcpProxy> {
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: target.port })
  await up(Promise.resolve({ stop: () => proxy.close() }))
  return proxy
}
const failureOf = (call: Promise<unknown>): Promise<CallFailure> =>
  call.then(
    () => expect.fail('it was answered'),
    (error: unknown) => describeFailure(error),
  )
/** Each everyMs; dead after 400 ms. */
const QUICK = { watch: { everyMs: 50, pingAfter: 3, deadAfter: 8 } }

describe('the version of HTTP', () => {
  it.each([
    ['auto', 'h2', '2.0'],
    ['2', 'h2', '2.0'],
    ['auto', 'http/1.1', '1.1'],
    ['1.1', 'http/1.1', '1.1'],
    ['auto', 'both', '2.0'],
    ['2', 'both', '2.0'],
    ['1.1', 'both', '1.1'],
  ] as const)('asked for is %s, with a server of %s: HTTP/%s', async (httpVersion, offered, spoken) => {
    const answer: RequestListener = ({ httpVersion: version }, response) => response.end(version)
    const server = await up(
      offered === 'http/1.1'
        ? startTls11(under.trust, answer)
        : startCompat(under.trust, answer, offered === 'both'),
    )
    expect(await ask(made({ httpVersion }), `https://127.0.0.1:${server.port}/`)).toEqual({
      status: 200,
      text: spoken,
    })
  })

  it.each([
    ['2', 'http/1.1'],
    ['1.1', 'h2'],
  ] as const)(
    'that is forced but not supported by the server fails with that reason: %s',
    async (httpVersion, offered) => {
      const server = await up(
        offered === 'h2'
          ? startH2(under.trust, () => {})
          : startTls11(under.trust, (_request, response) => response.end()),
      )
      const failure = await failureOf(ask(made({ httpVersion }), `https://127.0.0.1:${server.port}/`))
      expect(failure).toMatchObject({
        ...{ connect: 'tls', network: 'other', endpoint: `127.0.0.1:${server.port}` },
        message: expect.stringMatching(/does not speak the version of HTTP .* QUARRY_AWS_HTTP_VERSION/),
      })
    },
  )

  it('without TLS is HTTP/1.1', async () => {
    const server = await up(startHttp(({ httpVersion }, response) => response.end(httpVersion)))
    expect(await ask(made(), `http://127.0.0.1:${server.port}/`)).toEqual({ status: 200, text: '1.1' })
  })
})

describe('calls at once', () => {
  const CALLS = 300
  const many = (url: string): Promise<unknown>[] =>
    Array.from({ length: CALLS }, () => ask(under.http, url).catch((error: unknown) => error))

  it('are all in flight at once over a few HTTP/2 sessions, which are reused', async () => {
    const held: (() => void)[] = []
    const server = await up(
      startH2(under.trust, (stream) => {
        held.push(() => {
          if (stream.destroyed) return
          stream.respond()
          stream.end('yes')
        })
      }),
    )
    made()
    const calls = many(`https://127.0.0.1:${server.port}/`)
    await expect.poll(() => held.length, { timeout: 20_000 }).toBe(CALLS)
    for (const answer of held.splice(0)) answer()
    expect(new Set((await Promise.all(calls)).map((each) => JSON.stringify(each)))).toEqual(
      new Set(['{"status":200,"text":"yes"}']),
    )
    expect(server.connections()).toBe(Math.ceil(CALLS / 50))
    const again = ask(under.http, `https://127.0.0.1:${server.port}/`)
    await expect.poll(() => held.length).toBe(1)
    held.pop()?.()
    await again
    expect(server.connections()).toBe(Math.ceil(CALLS / 50))
  })

  it('open more sessions when the server limits the calls on each', async () => {
    let underWay = 0
    const server = await up(
      startH2(under.trust, () => (underWay += 1), { settings: { maxConcurrentStreams: 10 } }),
    )
    made()
    const calls = many(`https://127.0.0.1:${server.port}/`)
    await expect.poll(() => underWay, { timeout: 20_000 }).toBe(CALLS)
    expect(server.connections()).toBeGreaterThanOrEqual(CALLS / 10)
    under.http.close()
    await Promise.all(calls)
  })

  it.each(['http', 'https'])('are all in flight at once over HTTP/1.1, too: %s', async (scheme) => {
    let underWay = 0
    const answer = () => {
      underWay += 1
    }
    const server = await up(scheme === 'http' ? startHttp(answer) : startTls11(under.trust, answer))
    made()
    const calls = many(`${scheme}://127.0.0.1:${server.port}/`)
    await expect.poll(() => underWay, { timeout: 20_000 }).toBe(CALLS)
    under.http.close()
    await Promise.all(calls)
  })

  it('fail together, each with its own error, when no server answers', async () => {
    made()
    const errors = await Promise.all(many('https://127.0.0.1:1/'))
    expect(new Set(errors).size).toBe(CALLS)
    for (const error of errors)
      expect(describeFailure(error)).toMatchObject({ network: 'refused', connect: 'tcp' })
  })
})

describe('a connection that died', () => {
  it('is noticed while a call waits for its answer, and the next call opens another', async () => {
    const server = await up(
      startH2(under.trust, (stream) => {
        setTimeout(() => {
          if (stream.destroyed) return
          stream.respond()
          stream.end('yes')
        }, 100)
      }),
    )
    const proxy = await swallowing(server)
    made(QUICK)
    const url = `https://127.0.0.1:${proxy.port}/`
    expect(await ask(under.http, url)).toMatchObject({ status: 200 })
    const call = failureOf(ask(under.http, url))
    proxy.silence()
    const failure = await call
    expect(failure).toMatchObject({
      ...{ network: 'reset', endpoint: `127.0.0.1:${proxy.port}` },
      message: expect.stringContaining('no sign of life'),
    })
    expect(failure.unprocessed).toBeUndefined()
    await proxy.open()
    expect(await ask(under.http, url)).toMatchObject({ status: 200 })
    expect(server.connections()).toBe(2)
  })

  it('takes no more calls while it does not answer a PING', async () => {
    const server = await up(
      startH2(under.trust, (stream) => {
        stream.respond()
        stream.end('yes')
      }),
    )
    const proxy = await swallowing(server)
    made({ watch: { everyMs: 50, pingAfter: 3, deadAfter: 10_000 } })
    const url = `https://127.0.0.1:${proxy.port}/`
    await ask(under.http, url)
    proxy.swallow()
    const lost = ask(under.http, url).catch(() => 'lost')
    // Our own stop shows nothing about the connection.
    const tried = async (): Promise<string> => {
      const stop = new AbortController()
      const timer = setTimeout(() => stop.abort(), 100)
      const answer = await ask(under.http, url, { signal: stop.signal }).catch(() => ({ text: 'none' }))
      clearTimeout(timer)
      return answer.text
    }
    await expect.poll(tried, { timeout: 10_000 }).toBe('yes')
    expect(server.connections()).toBe(2)
    under.http.close()
    expect(await lost).toBe('lost')
  })

  it('takes no new call after a call on it timed out, though others still wait on it', async () => {
    const held: (() => void)[] = []
    const server = await up(
      startH2(under.trust, (stream) => {
        held.push(() => {
          if (stream.destroyed) return
          stream.respond()
          stream.end('yes')
        })
      }),
    )
    made()
    const url = `https://127.0.0.1:${server.port}/`
    const patient = ask(under.http, url)
    await expect.poll(() => held.length).toBe(1)
    const late = failureOf(ask(under.http, url, { signal: AbortSignal.timeout(50) }))
    expect(await late).toMatchObject({ network: 'timeout' })
    const next = ask(under.http, url)
    await expect.poll(() => held.length).toBe(3)
    expect(server.connections()).toBe(2)
    for (const answer of held) answer()
    expect(await Promise.all([patient, next])).toMatchObject([{ status: 200 }, { status: 200 }])
  })

  it('takes new calls after a call was stopped for another reason', async () => {
    const held: (() => void)[] = []
    const server = await up(
      startH2(under.trust, (stream) => {
        held.push(() => {
          if (stream.destroyed) return
          stream.respond()
          stream.end('yes')
        })
      }),
    )
    made()
    const url = `https://127.0.0.1:${server.port}/`
    const stopping = new AbortController()
    const stopped = failureOf(ask(under.http, url, { signal: stopping.signal }))
    await expect.poll(() => held.length).toBe(1)
    stopping.abort()
    await stopped
    const next = ask(under.http, url)
    await expect.poll(() => held.length).toBe(2)
    held[1]?.()
    expect(await next).toMatchObject({ status: 200 })
    expect(server.connections()).toBe(1)
  })
})

describe('a model that is silent', () => {
  it('is waited for beyond several times the limit for a dead connection', async () => {
    const server = await up(
      startH2(under.trust, (stream) => {
        setTimeout(() => {
          stream.respond()
          stream.end('yes')
        }, 2_000)
      }),
    )
    expect(await ask(made(QUICK), `https://127.0.0.1:${server.port}/`)).toMatchObject({ status: 200 })
    expect(server.connections()).toBe(1)
  })

  it.each(['http', 'https'])('is waited for behind a proxy of %s:', async (scheme) => {
    const server = await up(
      startH2(under.trust, (stream) => {
        setTimeout(() => {
          stream.respond()
          stream.end('yes')
        }, 2_000)
      }),
    )
    const proxy = await up(startProxy(200, scheme === 'http' ? undefined : under.trust))
    made({ ...QUICK, httpsProxy: proxy.url })
    expect(await ask(under.http, `https://127.0.0.1:${server.port}/`)).toMatchObject({ status: 200 })
    expect(proxy.asked.length).toBe(1)
  })

  it.each(['http', 'https'])('over HTTP/1.1 is waited for, too: %s', async (scheme) => {
    const answer = (_request: unknown, response: { end(text: string): void }) => {
      setTimeout(() => response.end('yes'), 2_000)
    }
    const server = await up(scheme === 'http' ? startHttp(answer) : startTls11(under.trust, answer))
    expect(await ask(made(QUICK), `${scheme}://127.0.0.1:${server.port}/`)).toMatchObject({ status: 200 })
  })
})

describe('a stream that breaks', () => {
  const RESETS = {
    ...{ NO_ERROR: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2, FLOW_CONTROL_ERROR: 3, STREAM_CLOSED: 5 },
    ...{ FRAME_SIZE_ERROR: 6, CANCEL: 8, COMPRESSION_ERROR: 9, ENHANCE_YOUR_CALM: 11, HTTP_1_1_REQUIRED: 13 },
  }
  const REFUSED_STREAM = 7

  it.each(Object.entries(RESETS))(
    'by %s is a network failure, and AWS may have executed the call',
    async (name, code) => {
      let calls = 0
      const server = await up(
        startRawH2(under.trust, (stream) => {
          calls += 1
          stream.reset(code)
        }),
      )
      const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
      expect(failure).toMatchObject({ network: 'reset', message: expect.stringContaining(`HTTP/2 ${name}`) })
      expect(failure).not.toHaveProperty('unprocessed')
      expect(calls).toBe(1)
    },
  )

  it('by REFUSED_STREAM was not executed: it is sent once more, then fails as not executed', async () => {
    let calls = 0
    const server = await up(
      startRawH2(under.trust, (stream) => {
        calls += 1
        stream.reset(REFUSED_STREAM)
      }),
    )
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ network: 'reset', unprocessed: true })
    expect(calls).toBe(2)
  })

  it('by a GOAWAY below its id is sent over another connection at once, though a slow call runs on', async () => {
    const held: (() => void)[] = []
    const server: TestServer = await up(
      startRawH2(under.trust, (stream) => {
        if (server.connections() > 1) stream.answer('quick')
        else if (stream.nth === 1) held.push(() => stream.answer('slow'))
        else stream.goAway(0, 1)
      }),
    )
    made()
    const url = `https://127.0.0.1:${server.port}/`
    const slow = ask(under.http, url)
    await expect.poll(() => held.length).toBe(1)
    expect(await ask(under.http, url)).toMatchObject({ text: 'quick' })
    expect(await ask(under.http, url)).toMatchObject({ text: 'quick' })
    expect(server.connections()).toBe(2)
    held[0]?.()
    expect(await slow).toMatchObject({ text: 'slow' })
  })

  it.each([2, 11])(
    'by a GOAWAY below its id with an error (%i) is sent over another connection',
    async (code) => {
      const server: TestServer = await up(
        startRawH2(under.trust, (stream) => {
          if (server.connections() > 1 || stream.nth === 1) stream.answer('yes')
          else stream.goAway(code, 1)
        }),
      )
      made()
      const url = `https://127.0.0.1:${server.port}/`
      expect(await ask(under.http, url)).toMatchObject({ text: 'yes' })
      expect(await ask(under.http, url)).toMatchObject({ text: 'yes' })
      expect(server.connections()).toBe(2)
    },
  )

  it('by a GOAWAY that covers its id, with an error, may have been executed', async () => {
    const server = await up(startRawH2(under.trust, (stream) => stream.goAway(2, stream.id)))
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ network: 'reset' })
    expect(failure).not.toHaveProperty('unprocessed')
  })

  it.each([
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is closed', (socket: Socket) => socket.end()],
  ])('as its connection %s is a network failure', async (_what, end) => {
    const server: TestServer = await up(startRawH2(under.trust, () => [...server.sockets].forEach(end)))
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ network: 'reset' })
    expect(failure).not.toHaveProperty('unprocessed')
  })

  it.each([...Object.entries(RESETS).slice(1), ['REFUSED_STREAM', REFUSED_STREAM] as const])(
    'by %s in the middle of an answer fails',
    async (_name, code) => {
      const server = await up(
        startRawH2(under.trust, (stream) => {
          stream.answer('half', false)
          stream.reset(code)
        }),
      )
      const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
      expect(failure).toMatchObject({ network: 'cut', status: 200 })
      expect(failure).not.toHaveProperty('unprocessed')
    },
  )

  it.each(['CANCEL', 'NO_ERROR'])('by %s before the announced length fails', async (name) => {
    const server = await up(
      startH2(under.trust, (stream) => {
        stream.respond({ 'content-length': '10' })
        stream.write('half', () => setTimeout(() => stream.close(name === 'CANCEL' ? 8 : 0), 20))
      }),
    )
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ network: 'cut', status: 200 })
  })

  it('after a whole answer gives that answer', async () => {
    const server = await up(
      startH2(under.trust, (stream) => {
        stream.respond({ 'content-length': '3' })
        stream.write('yes', () => setTimeout(() => stream.destroy(new Error('late')), 20))
      }),
    )
    expect(await ask(made(), `https://127.0.0.1:${server.port}/`)).toEqual({ status: 200, text: 'yes' })
  })
})

describe('a server of HTTP/2', () => {
  it.each([
    ['says nothing', null, /does not begin it in time/],
    ['takes no calls', 0, /takes no calls/],
  ])(
    'that %s is reported within the time limit for connecting',
    async (_what, maxConcurrentStreams, message) => {
      const server = await up(startRawH2(under.trust, () => {}, { maxConcurrentStreams }))
      made({ connectTimeoutMs: 1_000 })
      const failure = await failureOf(ask(under.http, `https://127.0.0.1:${server.port}/`))
      expect(failure).toMatchObject({ connect: 'tls', message: expect.stringMatching(message) })
    },
  )

  it('that closes each connection at once is reported, and connecting to it ends', async () => {
    const server = await up(startRawH2(under.trust, () => {}, { goesAway: true }))
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ network: 'reset' })
    // Node does not start the call, whether it was sent before or after the GOAWAY came.
    expect(failure.unprocessed === true || failure.connect === 'tls').toBe(true)
    expect(server.connections()).toBeLessThanOrEqual(20)
  })
})

describe('an answer over HTTP/1.1', () => {
  it.each([
    ['before it came', '', { network: 'reset' }],
    ['in its middle', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', { network: 'cut', status: 200 }],
    [
      'in its middle',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      { network: 'cut', status: 200 },
    ],
    ['and is none', 'what?\r\n\r\n', { network: 'reset' }],
  ])('that ends %s is a network failure: %j', async (_when, text, expected) => {
    const server = await up(startHttp(({ socket }) => socket.end(text)))
    expect(await failureOf(ask(made(), `http://127.0.0.1:${server.port}/`))).toMatchObject(expected)
  })

  it('leaves the connection open for the next call', async () => {
    const server = await up(startTls11(under.trust, (_request, response) => response.end('yes')))
    made()
    for (let call = 0; call < 3; call += 1) await ask(under.http, `https://127.0.0.1:${server.port}/`)
    expect(server.connections()).toBe(1)
  })

  it('comes over a new connection after the old one was closed', async () => {
    const server = await up(
      startHttp((_request, response) => response.setHeader('connection', 'close').end('yes')),
    )
    made()
    for (let call = 0; call < 3; call += 1) await ask(under.http, `http://127.0.0.1:${server.port}/`)
    expect(server.connections()).toBe(3)
  })
})

describe('a connection without calls', () => {
  it.each(['http/1.1', 'h2'])('is closed after some seconds: %s', async (version) => {
    const server = await up(
      version === 'h2'
        ? startH2(under.trust, (stream) => {
            stream.respond()
            stream.end('yes')
          })
        : startTls11(under.trust, (_request, response) => response.end('yes')),
    )
    await ask(made(), `https://127.0.0.1:${server.port}/`)
    expect(server.sockets.size).toBe(1)
    await expect.poll(() => server.sockets.size, { timeout: 10_000 }).toBe(0)
  })
})

describe('an answer', () => {
  it.each(['h2', 'http/1.1'])('that is too large is not read to its end: %s', async (version) => {
    const headers = { 'content-length': String(LARGEST_ANSWER + 1) }
    const server = await up(
      version === 'h2'
        ? startH2(under.trust, (stream) => stream.respond(headers))
        : startTls11(under.trust, (_request, response) => response.writeHead(200, headers).write('x')),
    )
    const failure = await failureOf(ask(made(), `https://127.0.0.1:${server.port}/`))
    expect(failure).toMatchObject({ name: 'AnswerTooLarge', status: 200 })
    expect(failure).not.toHaveProperty('network')
    expect(failure).not.toHaveProperty('unreadable')
  })

  it.each(['h2', 'http/1.1'])('of some megabytes comes whole: %s', async (version) => {
    const text = 'x'.repeat(5_000_000)
    const server = await up(
      version === 'h2'
        ? startH2(under.trust, (stream) => {
            stream.respond()
            stream.end(text)
          })
        : startTls11(under.trust, (_request, response) => response.end(text)),
    )
    const answer = await ask(made(), `https://127.0.0.1:${server.port}/`, { body: text })
    expect(answer.text.length).toBe(text.length)
  })
})

it('a request that no connection takes is reported as a fault of the request, without its content', async () => {
  const request = new HttpRequest({
    ...{ protocol: 'https:', hostname: '127.0.0.1', port: 1, method: 'POST', path: '/' },
    headers: { host: '127.0.0.1:1', authorization: 'hunter2\n' },
  })
  const failure = await failureOf(made().handle(request))
  expect(failure).toMatchObject({ beforeSending: true, message: expect.not.stringContaining('hunter') })
  expect(failure).not.toHaveProperty('network')
})

it('nobody can use the connections after they were closed', async () => {
  const server = await up(startHttp((_request, response) => response.end('yes')))
  made()
  await ask(under.http, `http://127.0.0.1:${server.port}/`)
  under.http.close()
  await expect.poll(() => server.sockets.size).toBe(0)
})
