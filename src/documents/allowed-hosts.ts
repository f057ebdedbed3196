// Hosts that documents may be fetched from by URL although their addresses are not public. Pure.

/** One entry of the list: `files.example.com`, `files.example.com:8443`, `*.internal.example.com`. */
export interface AllowedHost {
  /** In lower case; an IPv6 address in brackets. */
  readonly host: string
  /** Null for any port. */
  readonly port: number | null
  /** Whether any host below `host` is meant, but not `host` itself. */
  readonly below: boolean
}

const ENTRY = /^(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)(?::(\d{1,5}))?$/

/** @returns null when the text is no entry. */
export function parseAllowedHost(text: string): AllowedHost | null {
  const [, wildcard, host, port] = ENTRY.exec(text.toLowerCase()) ?? []
  if (host === undefined || Number(port ?? 1) > 65_535 || Number(port ?? 1) < 1) return null
  // As a URL writes it, so that [0:0::1] is [::1].
  const { hostname = '' } = URL.parse(`http://${host}`) ?? {}
  if (hostname === '') return null
  return { host: hostname, port: port === undefined ? null : Number(port), below: wildcard !== undefined }
}

/** Whether the list allows the URL's host. */
export function isAllowedHost(url: URL, allowed: readonly AllowedHost[]): boolean {
  const host = url.hostname.replace(/\.$/, '')
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return allowed.some(
    (entry) =>
      (entry.port === null || entry.port === port) &&
      (entry.below ? host.endsWith(`.${entry.host}`) : host === entry.host),
  )
}
