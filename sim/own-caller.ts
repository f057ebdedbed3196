// Who may use the stand-in's own endpoints, which ask nobody who they are: programs and people, and no web page that a browser
// on this machine happens to show. Pure.
import { isIP } from 'node:net'

/** Lower-case names. */
type Headers = Readonly<Record<string, string>>

/**
 * Whether a request comes from a web page. Browsers say so (`Sec-Fetch-Site`, `Origin`), but not of a page that only reads and
 * whose own name leads here (DNS rebinding): such a name has dots in it, and is none by which machines know one another.
 * @param names - by which the stand-in is known besides.
 */
export function isFromPage(headers: Headers, names: readonly string[]): boolean {
  const site = headers['sec-fetch-site'] ?? 'none'
  if (site !== 'none' || headers['origin'] !== undefined) return true
  const host =
    URL.parse(`http://${headers['host'] ?? 'localhost'}`)?.hostname.replace(/^\[|\]$|\.$/g, '') ?? ''
  return !(isIP(host) !== 0 || !host.includes('.') || INSIDE.test(host) || names.includes(host))
}

/** What no one in the internet can own: of Kubernetes, of networks at home and in companies, of tests (RFC 6761, RFC 6762). */
const INSIDE = /\.(svc|cluster\.local|local|internal|localhost|test)$/
