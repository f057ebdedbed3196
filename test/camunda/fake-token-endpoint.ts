// An identity provider's token endpoint for tests, on loopback, with or without TLS. Tokens are `token-1`, `token-2`, …:
// opaque, as a client must take them.
//
//   const endpoint = await startFakeTokenEndpoint({ tls: await authority.issue('login') })
//   endpoint.url            https://localhost:<port>/oauth/token
//   endpoint.forms          the fields of every request, in order
//   endpoint.answer = …     what comes next: other fields, a refusal, or nothing for a while
//   endpoint.hold()         requests wait until the function that it gives is called
//   await endpoint.stop()
import { once } from 'node:events'
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { text } from 'node:stream/consumers'

export interface TokenAnswer {
  readonly status?: number
  /** Fields of the answer besides `access_token`; a text is sent as it is. */
  readonly fields?: Readonly<Record<string, unknown>> | string
}

export interface FakeTokenEndpoint {
  readonly url: string
  /** Where the provider describes itself. */
  readonly discoveryUrl: string
  readonly forms: readonly Readonly<Record<string, string>>[]
  answer: TokenAnswer
  /** What the description names as the token endpoint; null: itself. @default null */
  describes: string | null
  hold(): () => void
  stop(): Promise<void>
}

export interface FakeTokenEndpointOptions {
  /** With an authority, clients need a certificate of it. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientAuthority?: string }
}

/** Starts an endpoint on a free port of loopback; tokens are good for an hour unless `answer` says otherwise. */
export async function startFakeTokenEndpoint({
  tls,
}: FakeTokenEndpointOptions = {}): Promise<FakeTokenEndpoint> {
  const forms: Record<string, string>[] = []
  let held: Promise<void> = Promise.resolve()
  let base = ''
  const listener: RequestListener = async (request, response) => {
    if (request.url !== '/oauth/token') {
      response.end(
        JSON.stringify({ issuer: base, token_endpoint: endpoint.describes ?? `${base}/oauth/token` }),
      )
      return
    }
    forms.push(Object.fromEntries(new URLSearchParams(await text(request))))
    const token = `token-${forms.length}`
    await held
    const { status = 200, fields = { token_type: 'Bearer', expires_in: 3600 } } = endpoint.answer
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(
      typeof fields === 'string'
        ? fields
        : JSON.stringify(status === 200 ? { access_token: token, ...fields } : fields),
    )
  }
  const server: Server =
    tls === undefined
      ? createPlainServer(listener)
      : createTlsServer(
          {
            cert: tls.cert,
            key: tls.key,
            ...(tls.clientAuthority === undefined
              ? {}
              : { ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true }),
          },
          listener,
        )
  server.on('clientError', (_, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  base = `${tls === undefined ? 'http' : 'https'}://localhost:${port}`

  const endpoint: FakeTokenEndpoint = {
    url: `${base}/oauth/token`,
    discoveryUrl: `${base}/.well-known/openid-configuration`,
    forms,
    answer: {},
    describes: null,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      held = promise
      return resolve
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return endpoint
}
