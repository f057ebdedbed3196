// Sign-in by the headers of an identity proxy. Pure.
import type { Access, Person } from './access.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

type ProxySignIn =
  | { readonly kind: 'person'; readonly person: Person }
  /** The request did not come from a trusted proxy, so its headers prove nothing. */
  | { readonly kind: 'untrusted' }
  /** The trusted proxy named no user. */
  | { readonly kind: 'unknown' }

const LONGEST_NAME = 128

/** @param header - reads a header of the request. */
export function signInByProxy(
  { userHeader, groupsHeader, operators }: Extract<Access, { kind: 'proxy' }>,
  trusted: TrustedProxies,
  { peer, header }: { readonly peer: string; readonly header: (name: string) => string | undefined },
): ProxySignIn {
  if (!trusted.has(peer)) return { kind: 'untrusted' }
  const name = header(userHeader)?.trim() ?? ''
  // The audit log and the log show the name: it must be one line of bounded length.
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) return { kind: 'unknown' }
  const groups = (header(groupsHeader) ?? '').split(',').map((group) => `group:${group.trim()}`)
  // A user name that looks like a group does not make its user a member.
  const known = name.startsWith('group:') ? groups : [name, ...groups]
  const role = known.some((each) => operators.includes(each)) ? 'operator' : 'viewer'
  return { kind: 'person', person: { name, role } }
}
