// A server on loopback with scripted answers, and the requests it got.
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Answer {
  readonly status?: number
  readonly body: string
  /** Answers when this resolves. */
  readonly after?: Promise<void>
}

export interface LocalServer {
  readonly url: string
  readonly requests: readonly {
    readonly path: string
    readonly authorization: string
    readonly body: string
  }[]
  stop(): Promise<void>
}

export async function startLocalServer(answer: (request: IncomingMessage) => Answer): Promise<LocalServer> {
  const requests: { path: string; authorization: string; body: string }[] = []
  const server = createServer(async (request, response) => {
    const { url = '', headers } = request
    requests.push({ path: url, authorization: headers.authorization ?? '', body: await text(request) })
    const { status = 200, body, after } = answer(request)
    await after
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    requests,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An unsigned JSON web token: the SDK reads its expiry, and accepts no other kind. */
export function webToken(id: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ jti: id, exp: 4_102_444_800 })}.x`
}
