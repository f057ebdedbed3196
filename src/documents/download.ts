// Fetches a document by URL: without credentials, from public addresses or allowed hosts, within limits of size, time and redirects. Each
// hop is checked by the address that is connected to. URLs may hold signatures, so messages show only the host.
import { STATUS_CODES } from 'node:http'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { type ConnectorError, inputError, javaError, RUNTIME } from '../connector/connector-error.ts'
import type { DocumentContent, Supplied } from '../connector/documents/document-supply.ts'
import { type AllowedHost, isAllowedHost } from './allowed-hosts.ts'
import { fileNameOf } from './file-name.ts'
import {
  AddressRefused,
  isPublicAddress,
  literalAddress,
  publicAddressOf,
  publicLookup,
  UnknownHere,
} from './public-address.ts'
import { type MayHold, readDecoded, TooLarge } from './read-within.ts'

export interface DownloadOptions {
  readonly allowedHosts: readonly AllowedHost[]
  /** Longest content, bytes. */
  readonly maxBytes: number
  /** For the whole download, ms. */
  readonly timeoutMs: number
  /** Resolves names. @default the system's resolver */
  readonly lookup?: LookupFunction
  /** The proxy for a URL, null for none. @default none */
  readonly proxy?: (url: URL) => Dispatcher | null
  /**
   * Whether the proxy resolves all names, also those that cannot be resolved here.
   * @default false: it only gets names that resolve to public addresses here, and for `https:` the address instead
   */
  readonly proxyTrusted?: boolean
}

export interface Downloader {
  /**
   * Rejects only when `signal` is aborted.
   * @param mayHold - if it refuses, the content is dropped, and the result is a failure. @default always allows
   */
  download(url: string, signal: AbortSignal, mayHold?: MayHold): Promise<Supplied<DocumentContent>>
  close(): Promise<void>
}

const MAX_REDIRECTS = 5
const CONNECTOR_EXCEPTION = 'io.camunda.connector.api.error.ConnectorException'

/** Connects with the first download. */
export function makeDownloader(options: DownloadOptions): Downloader {
  const { timeoutMs, lookup, proxy = () => null, proxyTrusted = false, allowedHosts } = options
  const guarded = new Agent({ connect: { lookup: publicLookup(lookup) } })
  const trusted = new Agent(lookup === undefined ? {} : { connect: { lookup } })
  const wayTo = async (url: URL, signal: AbortSignal): Promise<Way> => {
    const byName = (dispatcher: Dispatcher): Way => ({ dispatcher, host: url.hostname })
    if (isAllowedHost(url, allowedHosts)) return byName(proxy(url) ?? trusted)
    const address = literalAddress(url.hostname)
    if (address !== null && !isPublicAddress(address)) throw new AddressRefused(url.hostname)
    const through = proxy(url)
    if (through === null) return byName(guarded)
    if (/(^|\.)(localhost|internal)\.?$/.test(url.hostname)) throw new AddressRefused(url.hostname)
    if (address !== null) return byName(through)
    try {
      const known = await publicAddressOf(url.hostname, { lookup, signal })
      // For `http:` the proxy has to resolve the name itself, because the request carries the name.
      if (proxyTrusted || url.protocol === 'http:') return byName(through)
      return { dispatcher: through, host: known.includes(':') ? `[${known}]` : known }
    } catch (error) {
      if (proxyTrusted && error instanceof UnknownHere) return byName(through)
      throw error
    }
  }
  return {
    async download(address, signal, mayHold = () => true) {
      const timeout = AbortSignal.timeout(timeoutMs)
      const bounds = { maxBytes: options.maxBytes, mayHold, signal: AbortSignal.any([signal, timeout]) }
      try {
        return await follow(address, wayTo, bounds)
      } catch (error) {
        signal.throwIfAborted()
        if (timeout.aborted) return failed('408', TIMED_OUT)
        return { ok: false, error: describe(error, options.maxBytes) }
      }
    },
    async close() {
      await Promise.all([guarded.destroy(), trusted.destroy()])
    },
  }
}

const TIMED_OUT = 'The request timed out. Please try increasing the read and connection timeouts.'
const ABORTED = 'An error occurred while executing the request, or the connection was aborted'

/** How a URL is fetched. */
interface Way {
  readonly dispatcher: Dispatcher
  /** Where to connect: the name, or the address that it was resolved to and that was checked. */
  readonly host: string
}

/** Thrown for a URL that is not fetched, whatever host it names. */
class UrlRefused extends Error {
  override readonly name = 'UrlRefused'
}

async function follow(
  address: string,
  wayTo: (url: URL, signal: AbortSignal) => Promise<Way>,
  bounds: { readonly maxBytes: number; readonly mayHold: MayHold; readonly signal: AbortSignal },
): Promise<Supplied<DocumentContent>> {
  let url = checked(address)
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const { dispatcher, host } = await wayTo(url, bounds.signal)
    const target = new URL(url)
    target.hostname = host
    const answer = await request(target, {
      dispatcher,
      signal: bounds.signal,
      // The server is asked for the name, and its certificate must be for the name.
      headers: { 'accept-encoding': 'identity', host: url.host },
    })
    const { statusCode, headers, body } = answer
    const location = header(headers, 'location')
    const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && location !== null
    if (!isRedirect && statusCode < 400) {
      const contentType = header(headers, 'content-type')
      const encoding = header(headers, 'content-encoding')
      const bytes = await readDecoded(body, encoding, {
        ...bounds,
        announced: header(headers, 'content-length'),
      })
      const fileName = fileNameOf(header(headers, 'content-disposition'), contentType)
      return { ok: true, value: { bytes, fileName, contentType } }
    }
    body.on('error', () => undefined).destroy()
    if (!isRedirect) return failed(String(statusCode), STATUS_CODES[statusCode] ?? '[no reason]')
    url = checked(location, url)
  }
  throw new UrlRefused(`it led through more than ${MAX_REDIRECTS} redirects`)
}

function checked(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (url === null) throw new UrlRefused('it is not a URL with a host')
  if (!['http:', 'https:'].includes(url.protocol)) throw new UrlRefused('only http: and https: are fetched')
  if (url.username !== '' || url.password !== '') throw new UrlRefused('it has a user name or a password')
  return url
}

function header(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | null {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

/** A failure as the runtime's HTTP client has it: with a code, and a text that names no host. */
function failed(code: string, message: string): { readonly ok: false; readonly error: ConnectorError } {
  return { ok: false, error: { type: CONNECTOR_EXCEPTION, message, input: false, code } }
}

function describe(error: unknown, maxBytes: number): ConnectorError {
  if (error instanceof UrlRefused) {
    return inputError(`A document's URL cannot be used: ${error.message}. Correct the 'url' of the document.`)
  }
  if (error instanceof AddressRefused) {
    return inputError(
      `A document is not fetched: ${error.message}. If Quarry is to read from there, add the host to QUARRY_DOCUMENT_ALLOW_HOSTS of the Quarry workers.`,
    )
  }
  if (error instanceof UnknownHere) {
    const message = `A document is not fetched: ${error.message}, and a proxy is only asked for names that are known to be public. If only the proxy can look names up, and blocks private addresses, set QUARRY_DOCUMENT_PROXY_TRUSTED=true for the Quarry workers; a single host can be added to QUARRY_DOCUMENT_ALLOW_HOSTS.`
    return error.isFinal ? inputError(message) : failed('408', message).error
  }
  if (error instanceof TooLarge) {
    return javaError(
      RUNTIME,
      `A document is larger than ${maxBytes} bytes: see QUARRY_DOCUMENT_MAX_BYTES of the Quarry workers.`,
    )
  }
  return failed('408', ABORTED).error
}
