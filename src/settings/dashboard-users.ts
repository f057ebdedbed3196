// Reads the users who may sign in to the dashboard by a password: `name:role:password`. Pure; never shows any part of a
// password.

import { isKnownPassword, KNOWN_PASSWORD } from '../job/published.ts'

/** A viewer sees all and changes nothing; an operator may pause, resume, drain, set the pace and retry. */
export type DashboardRole = 'viewer' | 'operator'

export interface DashboardUser {
  readonly name: string
  readonly role: DashboardRole
  /** In clear, or as `quarry dashboard hash` writes it: `scrypt$15$8$1$salt$hash`. */
  readonly password: string
}

type ReadUsers =
  | { readonly users: readonly DashboardUser[]; readonly problem: null }
  | { readonly users: null; readonly problem: string }

const HASH =
  /^scrypt\$(1[0-9]|20)\$([1-9]|1[0-6])\$([1-9]|1[0-6])\$[A-Za-z0-9+/]{16,}={0,2}\$[A-Za-z0-9+/]{32,}={0,2}$/

/**
 * Reads users, one per line, or in a text of one line with commas between them. Empty lines and lines that begin with # are
 * ignored. A password may hold colons; with a comma it needs several lines.
 * @returns the users, or the problem with the number of the entry and none of its content.
 */
export function readDashboardUsers(text: string): ReadUsers {
  const isList = !/[\r\n]/.test(text.trim())
  const entries = text
    .split(isList ? ',' : /\r?\n/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && !entry.startsWith('#'))
  const users: DashboardUser[] = []
  for (const [index, entry] of entries.entries()) {
    const refuse = (what: string): ReadUsers => ({ users: null, problem: `entry ${index + 1} ${what}` })
    const [, name = '', role = '', password = ''] = /^([^:]*):([^:]*):(.*)$/.exec(entry) ?? []
    if (!/^[A-Za-z0-9._@+-]{1,64}$/.test(name)) {
      return refuse(
        'does not begin with a name of letters, digits, dots, dashes, underscores, + or @, and a colon',
      )
    }
    if (role !== 'viewer' && role !== 'operator') return refuse('has a role that is not viewer or operator')
    if (password === '') return refuse('has no password')
    if (isKnownPassword(password)) return refuse(`has a password that is ${KNOWN_PASSWORD}`)
    if (password.startsWith('scrypt$') && !HASH.test(password)) {
      return refuse('has a hash that `quarry dashboard hash` did not make')
    }
    if (users.some((user) => user.name === name)) return refuse('has the name of another')
    users.push({ name, role, password })
  }
  return users.length === 0 ? { users: null, problem: 'there is no user' } : { users, problem: null }
}
