// The forms in which people write the address of a Zeebe gateway, brought to one. Pure.

const ADDRESS = /^(?:(grpcs?|https?):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/?$/i

/**
 * Reads `grpc://host:port`, `grpcs://host:port`, `http(s)://host[:port]` or `host[:port]`.
 * Without a scheme the connection is plaintext, except on port 443, where Camunda's SaaS listens with TLS.
 *
 * @returns `grpc://host:port` (plaintext) or `grpcs://host:port` (TLS); a missing port is 443 for `https:`, 80 for
 *   `http:` and Zeebe's 26500 otherwise; null when it is no address.
 */
export function parseGatewayAddress(text: string): string | null {
  const match = ADDRESS.exec(text)
  const host = match?.[2]
  if (host === undefined) return null
  const scheme = match?.[1]?.toLowerCase()
  const port = Number(match?.[3] ?? defaultPort(scheme))
  if (port < 1 || port > 65_535) return null
  const secure = scheme === 'grpcs' || scheme === 'https' || (scheme === undefined && port === 443)
  return `${secure ? 'grpcs' : 'grpc'}://${host}:${port}`
}

function defaultPort(scheme: string | undefined): number {
  if (scheme === 'https') return 443
  return scheme === 'http' ? 80 : 26_500
}
