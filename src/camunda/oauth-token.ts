// Fetches access tokens with OAuth's client credentials grant, as Camunda's own clients do: client id and secret in the form. Stores nothing
// and never retries; neither the secret nor a token gets into an error.
import { Agent, request } from 'undici'
import { explainFailure } from './probe-connection.ts'
import type { TlsMaterial } from './tls-files.ts'
import { type FetchedToken, TokenError } from './token-source.ts'

/** The OAuth 2.0 client credentials grant. */
export interface OAuthSettings {
  /** The token endpoint. */
  readonly url?: string | undefined
  /** The identity provider's description of itself, with the token endpoint; used when there is no `url`. */
  readonly discoveryUrl?: string | undefined
  readonly clientId: string
  readonly clientSecret: string
  readonly audience?: string | undefined
  readonly scope?: string | undefined
  readonly resource?: string | undefined
}

interface TokenFetcher {
  /** @throws TokenError */
  fetchToken(signal: AbortSignal): Promise<FetchedToken>
  /** Ends a fetch under way. Idempotent. */
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
/** A longer answer is not that of a token endpoint. */
const MAX_BYTES = 1024 * 1024

/** Connects with the first fetch. */
export function makeTokenFetcher(settings: OAuthSettings, tls: TlsMaterial): TokenFetcher {
  // Tokens are fetched minutes apart: no connection is worth keeping.
  const dispatcher = new Agent({ connect: { ...tls, timeout: TIMEOUT_MS }, pipelining: 0 })
  let discovered: string | undefined

  async function ask(url: string, signal: AbortSignal, form?: string): Promise<Answer> {
    const limit = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const { statusCode, body } = await request(url, {
        dispatcher,
        signal: AbortSignal.any([signal, limit]),
        headers: {
          accept: 'application/json',
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form === undefined ? {} : { method: 'POST' as const, body: form }),
      })
      return { url, status: statusCode, fields: readFields(await readText(body)) }
    } catch (cause) {
      const reason = limit.aborted
        ? `did not answer within ${TIMEOUT_MS} ms.`
        : `cannot be reached: ${await explainFailure(cause, url, tls)}`
      throw new TokenError(`the identity provider at ${shown(url)} ${reason}`, { refused: false, cause })
    }
  }

  async function endpoint(signal: AbortSignal): Promise<string> {
    if (settings.url !== undefined) return settings.url
    if (discovered !== undefined) return discovered
    const answer = await ask(settings.discoveryUrl ?? '', signal)
    const { token_endpoint: found } = answer.fields
    if (answer.status !== 200 || typeof found !== 'string' || !URL.canParse(found)) {
      const message = `the identity provider's description at ${shown(answer.url)} (status ${answer.status}) names no token endpoint. Give it with CAMUNDA_OAUTH_URL.`
      throw new TokenError(message, { refused: false })
    }
    if (URL.parse(found)?.protocol !== 'https:' && !answer.url.startsWith('http:')) {
      const message = `the identity provider's description at ${shown(answer.url)} names the token endpoint ${shown(found)}, to which the client secret would go unencrypted. Let the provider name an https address, or give the endpoint with CAMUNDA_OAUTH_URL.`
      throw new TokenError(message, { refused: false })
    }
    discovered = found
    return found
  }

  return {
    async fetchToken(signal) {
      const answer = await ask(await endpoint(signal), signal, writeForm(settings))
      return readToken(answer)
    },
    close: () => dispatcher.destroy(),
  }
}

interface Answer {
  readonly url: string
  readonly status: number
  readonly fields: Readonly<Record<string, unknown>>
}

function writeForm({ clientId, clientSecret, audience, scope, resource }: OAuthSettings): string {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
  const optional = Object.entries({ audience, scope, resource }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return new URLSearchParams({ ...form, ...Object.fromEntries(optional) }).toString()
}

function readToken({ url, status, fields }: Answer): FetchedToken {
  const { access_token: value, expires_in: seconds, error } = fields
  if (status === 200 && typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) {
    // Some providers send the number as text.
    const lifetimeMs = Number(seconds ?? Number.NaN) * 1_000
    return { value, lifetimeMs: lifetimeMs > 0 ? lifetimeMs : null }
  }
  if (status === 200) {
    throw new TokenError(`${shown(url)} answered without an access token. Is it the token endpoint?`, {
      refused: false,
    })
  }
  const code = typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? `, ${error}` : ''
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429
  const hint = refused ? ' Check client id, client secret, audience and scope.' : ''
  throw new TokenError(`the token endpoint ${shown(url)} answered ${status}${code}.${hint}`, { refused })
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error('its answer is too large to be one.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Without a password or key that the address may contain. */
function shown(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? 'the address given' : `${parsed.origin}${parsed.pathname}`
}
