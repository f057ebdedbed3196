// Whether and through which proxy a document is fetched. Pure. Only downloads of documents by URL follow these rules, not calls of Bedrock
// or Camunda.

/** How to reach a proxy. Without a host and a port there is none, as in the stock runtime. */
interface ProxySettings {
  readonly scheme: 'http' | 'https'
  readonly host?: string
  readonly port?: number
  readonly user?: string
  readonly password?: string
}

/** Proxies by the scheme of the document's URL. */
export interface DocumentProxies {
  readonly http: ProxySettings
  readonly https: ProxySettings
  /** Hosts that are reached directly: patterns separated by `|`, in which `*` stands for any characters. */
  readonly nonProxyHosts?: string
}

/** A proxy to go through. */
export interface Proxy {
  /** `http://host:port`, without user and password. */
  readonly address: string
  /** Value of `proxy-authorization`, null for none. */
  readonly authorization: string | null
}

/**
 * The proxy for a document; null if it is fetched directly.
 * Source: `ProxyConfiguration` and `NonProxyHostsMatcher` of the connector runtime; unlike there, a dot in a pattern is a dot.
 */
export function proxyFor(url: URL, proxies: DocumentProxies): Proxy | null {
  const {
    scheme,
    host,
    port,
    user = '',
    password = '',
  } = proxies[url.protocol === 'https:' ? 'https' : 'http']
  if (host === undefined || port === undefined) return null
  if (isDirect(url.hostname, proxies.nonProxyHosts ?? '')) return null
  const shown = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  const known = user.trim() !== '' && password !== ''
  return {
    address: `${scheme}://${shown}:${port}`,
    authorization: known ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : null,
  }
}

function isDirect(hostname: string, patterns: string): boolean {
  const names = [hostname, hostname.replace(/^\[(.*)\]$/, '$1')]
  return patterns.split('|').some((pattern) => {
    const expression = pattern.trim().split('*').map(RegExp.escape).join('.*')
    return expression !== '' && names.some((name) => new RegExp(`^${expression}$`, 'i').test(name))
  })
}
