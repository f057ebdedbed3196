// Through which proxy an address of AWS is reached, by the variables that all programs know. Pure; shows no password.
import { BlockList, isIP } from 'node:net'

/** The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
export interface ProxyRules {
  readonly httpsProxy?: string | undefined
  readonly httpProxy?: string | undefined
  /** Names, addresses, networks (`10.0.0.0/8`) that are reached directly, with commas between them; `*`: all. */
  readonly noProxy?: string | undefined
}

/** Something to connect to. */
export interface Endpoint {
  readonly protocol: 'http:' | 'https:'
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
}

/** A proxy to go through. */
export interface ProxyServer extends Endpoint {
  /** `http://proxy.example.com:3128`, without user and password. */
  readonly address: string
  /** The variable that names it. */
  readonly setting: 'HTTPS_PROXY' | 'HTTP_PROXY'
  /** Value of `proxy-authorization`, null for none. */
  readonly authorization: string | null
}

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 }

/** `https://host:port` and the like, as an endpoint. Null when it is no URL of HTTP. */
export function endpointOf(url: URL): Endpoint | null {
  const { protocol, hostname, port } = url
  if ((protocol !== 'http:' && protocol !== 'https:') || hostname === '') return null
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { protocol, host, port: port === '' ? DEFAULT_PORTS[protocol] : Number(port) }
}

/**
 * The proxy for an endpoint, null where it is reached directly. As with the SDK of the stock connector, whose calls all go
 * by HTTP_PROXY, that variable counts for `https:` too where HTTPS_PROXY is not set.
 */
export function proxyFor(endpoint: Endpoint, rules: ProxyRules): ProxyServer | null {
  if (isDirect(endpoint, rules.noProxy ?? '')) return null
  if (endpoint.protocol === 'https:' && rules.httpsProxy !== undefined)
    return readProxy(rules.httpsProxy, 'HTTPS_PROXY')
  return rules.httpProxy === undefined ? null : readProxy(rules.httpProxy, 'HTTP_PROXY')
}

/** What a variable names; null when that is no proxy of HTTP, as with `socks5://…`. Without a scheme it is `http:`. */
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

/** A name stands for what is below it, too, with or without a dot or `*.` before it; with a port, for that port only. */
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
