// People known by the headers of an identity proxy in front. Pure.
import type { Access, Person } from './access.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

export type ProxySignIn =
  | { readonly kind: 'person'; readonly person: Person }
  /** The request did not come by a proxy that is trusted: its headers say nothing. */
  | { readonly kind: 'untrusted' }
  /** It did, and names nobody. */
  | { readonly kind: 'unknown' }

const LONGEST_NAME = 128

/** @param header - reads one of the request. */
export function signInByProxy(
  { userHeader, groupsHeader, operators }: Extract<Access, { kind: 'proxy' }>,
  trusted: TrustedProxies,
  { peer, header }: { readonly peer: string; readonly header: (name: string) => string | undefined },
): ProxySignIn {
  if (!trusted.has(peer)) return { kind: 'untrusted' }
  const name = header(userHeader)?.trim() ?? ''
  // It stands in the audit log and in lines of the log: one line, and not for ever.
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) return { kind: 'unknown' }
  const groups = (header(groupsHeader) ?? '').split(',').map((group) => `group:${group.trim()}`)
  // A user whose name looks like that of a group is not in it.
  const known = name.startsWith('group:') ? groups : [name, ...groups]
  const role = known.some((each) => operators.includes(each)) ? 'operator' : 'viewer'
  return { kind: 'person', person: { name, role } }
}
