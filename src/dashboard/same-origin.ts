// Whether a request that changes something comes from our own page. A browser sends passwords and the cookies of a proxy
// along with the requests of any page, so that it must be told apart. Pure.

export interface RequestOrigin {
  readonly method: string
  /** `Sec-Fetch-Site`, which pages cannot forge; browsers send it to https and to this machine. */
  readonly site: string | undefined
  readonly origin: string | undefined
  readonly host: string | undefined
}

/** Requests that read are allowed from anywhere: no other page can see what comes of them. */
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
