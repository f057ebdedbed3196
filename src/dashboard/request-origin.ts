// Where a request comes from: our own page or a foreign one, straight or through a reverse proxy. Browsers add passwords and proxy cookies
// to requests of any page, so a foreign page must be recognised. Pure.

interface RequestOrigin {
  readonly method: string
  /** `Sec-Fetch-Site`, which pages cannot forge; browsers send it to https and to this machine. */
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
}

/** Reads are allowed from anywhere: a foreign page cannot see the answer. */
export function isOwnOrigin({ method, site, origin, host }: RequestOrigin): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  if (site !== undefined) return site === 'same-origin'
  if (origin === undefined) return true
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase()
}

/** The name in a Host header, without its port; null when there is none. */
export function hostName(host: string | undefined): string | null {
  const name = URL.parse(`http://${host ?? ''}`)?.hostname
  return name === undefined || name === '' ? null : name.replace(/^\[|\]$/g, '')
}

/** Of nginx, Apache, Envoy, HAProxy, Traefik, Caddy, load balancers and content networks. */
const BY_PROXIES =
  /^(x-forwarded(-.+)?|x-original-(forwarded-for|host|uri|url)|forwarded|via|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.+|true-client-ip|cf-(connecting-ip|ray)|x-amzn-trace-id|x-arr-.+|x-azure-.+)$/i

/**
 * Whether a request came through a reverse proxy, by the headers that proxies add.
 * @param httpVersion - nginx speaks 1.0 by default; no browser does.
 */
export function cameByProxy(headers: Readonly<Record<string, unknown>>, httpVersion: string): boolean {
  return httpVersion === '1.0' || Object.keys(headers).some((name) => BY_PROXIES.test(name))
}
