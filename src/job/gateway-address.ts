// The forms in which people write the address of a Zeebe gateway, parsed once for settings and for the client. Pure.

/** Where a gateway listens. */
export interface GatewayAddress {
  /** `host:port`, as gRPC takes it. */
  readonly target: string
  /** Whether to speak TLS. */
  readonly secure: boolean
}

const ADDRESS = /^(?:(grpcs?|https?):\/\/)?(\[[\da-f:.]+\]|[a-z\d._-]+)(?::(\d{1,5}))?\/?$/i

/**
 * Reads `grpc://host:port`, `grpcs://host:port`, `http(s)://host[:port]` or `host[:port]`, in the forms that Camunda's own
 * clients take. Without a scheme the connection is plaintext, except on port 443, where Camunda's SaaS listens with TLS. A
 * missing port is 443 for `https:`, 80 for `http:` and Zeebe's 26500 otherwise.
 *
 * @returns null when it is no such address.
 */
export function readGatewayAddress(text: string): GatewayAddress | null {
  const match = ADDRESS.exec(text.trim())
  const host = match?.[2]
  if (host === undefined) return null
  const scheme = match?.[1]?.toLowerCase()
  const port = Number(match?.[3] ?? defaultPort(scheme))
  if (port < 1 || port > 65_535) return null
  const secure = scheme === 'grpcs' || scheme === 'https' || (scheme === undefined && port === 443)
  return { target: `${host}:${port}`, secure }
}

/** The address as one text: `grpc://host:port` (plaintext) or `grpcs://host:port` (TLS). */
export function writeGatewayAddress({ target, secure }: GatewayAddress): string {
  return `${secure ? 'grpcs' : 'grpc'}://${target}`
}

function defaultPort(scheme: string | undefined): number {
  if (scheme === 'https') return 443
  return scheme === 'http' ? 80 : 26_500
}
