// Through which proxy an AWS address is reached, by the usual environment variables. Pure; shows no password.
import { BlockList, isIP } from 'node:net'

/** The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
export interface ProxyRules {
  readonly httpsProxy?: string | undefined
  readonly httpProxy?: string | undefined
  /** Names, addresses and networks (`10.0.0.0/8`) to reach directly, separated by commas; `*` for all. */
  readonly noProxy?: string | undefined
}

/** An address to connect to. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:'
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
}

/** A proxy. */
export interface ProxyServer extends Endpoint {
  /** `http://proxy.example.com:3128`, without user and password. */
  readonly address: string
  /** The variable that names it. */
  readonly setting: 'HTTPS_PROXY' | 'HTTP_PROXY'
  /** Value of `proxy-authorization`, null for none. */
  readonly authorization: string | null
}

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 }

/** The endpoint of a URL such as `https://host:port`. Null if it is no HTTP URL. */
export function endpointOf(url: URL): Endpoint | null {
  const { protocol, hostname, port } = url
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return null
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { protocol, host, port: port === '' ? DEFAULT_PORTS[protocol] : Number(port) }
}

/**
 * The proxy for an endpoint; null if it is reached directly. Without HTTPS_PROXY, HTTP_PROXY applies to `https:` too, as in the SDK of the
 * stock connector, whose calls all use HTTP_PROXY.
 */
export function proxyFor(endpoint: Endpoint, rules: ProxyRules): ProxyServer | null {
  if (isDirect(endpoint, rules.noProxy ?? '')) return null
  if (endpoint.protocol === 'https:' && rules.httpsProxy !== undefined)
    return readProxy(rules.httpsProxy, 'HTTPS_PROXY')
  return rules.httpProxy === undefined ? null : readProxy(rules.httpProxy, 'HTTP_PROXY')
}

/** Parses a variable; null if it names no HTTP proxy, as `socks5://…`. Without a scheme it is `http:`. */
export function readProxy(value: string, setting: ProxyServer['setting']): ProxyServer | null {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`)
  const endpoint = url === null ? null : endpointOf(url)
  if (url === null || endpoint === null) return null
  const user = `${decode(url.username)}:${decode(url.password)}`
  return {
    ...endpoint,
    address: `${url.protocol}//${url.hostname}:${endpoint.port}`,
    setting,
    authorization: user === ':' ? null : `Basic ${Buffer.from(user).toString('base64')}`,
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A name includes what is below it, with or without a dot or `*.` in front; with a port, only for that port. */
function isDirect({ host, port }: Endpoint, noProxy: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return noProxy
    .toLowerCase()
    .split(/[,|\s]+/)
    .some((entry) => {
      if (entry === '') return false
      if (entry === '*') return true
      if (entry.includes('/')) return isWithin(name, entry)
      const [, bracketed, plain, asked] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? []
      // An IPv6 address without brackets has no port.
      const known = bracketed ?? plain ?? (isIP(entry) === 6 ? entry : undefined)
      if (known === undefined || (asked !== undefined && Number(asked) !== port)) return false
      const suffix = known.replace(/^\*?\./, '').replace(/\.$/, '')
      return name === suffix || (isIP(name) === 0 && name.endsWith(`.${suffix}`))
    })
}

function isWithin(address: string, network: string): boolean {
  const [net = '', bits = ''] = network.split('/')
  const family = isIP(net)
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === 0 || isIP(address) !== family || !(prefix <= (family === 4 ? 32 : 128))) return false
  const list = new BlockList()
  list.addSubnet(net, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
