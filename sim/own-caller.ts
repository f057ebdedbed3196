// Who may use the stand-in's own endpoints, which have no authentication: programs and people, but no web page in a browser on this
// machine. Pure.
import { isIP } from 'node:net'

/** Lower-case names. */
type Headers = Readonly<Record<string, string>>

/**
 * Whether a request comes from a web page. Browsers show that by `Sec-Fetch-Site` and `Origin`, except for reads by a page whose own
 * host name resolves to this machine (DNS rebinding): such a name has dots, and is not of a local domain.
 * @param names - further names of the stand-in.
 */
export function isFromPage(headers: Headers, names: readonly string[]): boolean {
  const site = headers['sec-fetch-site'] ?? 'none'
  if (site !== 'none' || headers['origin'] !== undefined) return true
  const host =
    URL.parse(`http://${headers['host'] ?? 'localhost'}`)?.hostname.replace(/^\[|\]$|\.$/g, '') ?? ''
  return !(isIP(host) !== 0 || !host.includes('.') || INSIDE.test(host) || names.includes(host))
}

/** Domains that nobody on the internet can own: of Kubernetes, local networks and tests (RFC 6761, RFC 6762). */
const INSIDE = /\.(svc|cluster\.local|local|internal|localhost|test)$/
