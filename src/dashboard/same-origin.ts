// Whether a change comes from our own page. Browsers add passwords and proxy cookies to requests of any page, so a foreign
// page must be recognised. Pure.

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
