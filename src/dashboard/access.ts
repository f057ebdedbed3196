// Decides from the settings how people sign in to the dashboard. Pure.
import { isLoopback } from '../job/host-port.ts'
import type { DashboardRole, DashboardUser } from '../settings/dashboard-users.ts'
import type { Settings } from '../settings/settings.ts'

/** Somebody who signed in. */
export interface Person {
  /** The name that the audit log shows. */
  readonly name: string
  readonly role: DashboardRole
}

/** How people sign in. */
export type Access =
  /** No sign-in: everybody is an operator. `hosts` are the host names that requests may use; null for any. */
  | { readonly kind: 'none'; readonly hosts: readonly string[] | null }
  | { readonly kind: 'basic'; readonly users: readonly DashboardUser[]; readonly trusted: readonly string[] }
  | {
      readonly kind: 'proxy'
      readonly trusted: readonly string[]
      readonly userHeader: string
      readonly groupsHeader: string
      /** Users, and groups as `group:NAME`. */
      readonly operators: readonly string[]
    }
  /** Access is refused until an operator sets it up. */
  | { readonly kind: 'locked'; readonly reason: string }

type AccessSettings = Pick<Settings, 'server' | 'dashboard'>

const NO_USERS =
  'QUARRY_HOST is not a loopback address and no users are set. Set QUARRY_DASHBOARD_USERS or QUARRY_DASHBOARD_USERS_FILE, or QUARRY_DASHBOARD_AUTH to proxy.'
const NO_USERS_FOR_BASIC =
  'QUARRY_DASHBOARD_AUTH is basic and no users are set. Set QUARRY_DASHBOARD_USERS or QUARRY_DASHBOARD_USERS_FILE.'
const NO_PROXY =
  'QUARRY_DASHBOARD_AUTH is proxy and no proxy is trusted. Set QUARRY_DASHBOARD_TRUSTED_PROXIES to the addresses it comes from.'

/** @param users - of the settings, or of the file that they name. */
export function decideAccess(
  { server: { host }, dashboard }: AccessSettings,
  users: readonly DashboardUser[],
): Access {
  const { auth, trustedProxies: trusted, userHeader, groupsHeader, operators } = dashboard
  const loopback = isLoopback(host)
  switch (auth ?? (loopback && users.length === 0 ? 'none' : 'basic')) {
    case 'none':
      return { kind: 'none', hosts: loopback ? [host, ...LOOPBACK_NAMES] : null }
    case 'basic':
      if (users.length > 0) return { kind: 'basic', users, trusted }
      return { kind: 'locked', reason: auth === undefined ? NO_USERS : NO_USERS_FOR_BASIC }
    case 'proxy':
      if (trusted.length === 0) return { kind: 'locked', reason: NO_PROXY }
      return { kind: 'proxy', trusted, userHeader, groupsHeader, operators }
  }
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1']
