// People known by name and password, as HTTP's Basic scheme sends them.
import { createHmac, randomBytes } from 'node:crypto'
import type { DashboardUser } from '../settings/dashboard-users.ts'
import type { Person } from './access.ts'
import { BusyError, makeAtMost } from './at-most.ts'
import { networkOf } from './network-of.ts'
import { isPassword } from './password-hash.ts'
import { makeWrongPasswords } from './wrong-passwords.ts'

export type SignIn =
  | { readonly kind: 'person'; readonly person: Person }
  /** Nobody, or a wrong password. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tooMany'; readonly waitMs: number }

/** @param authorization - the header; @param address - of the sender. */
export type SignInBasic = (authorization: string | undefined, address: string) => Promise<SignIn>

/**
 * What is known to be right is not stretched again for each request of a page: that takes 60 ms and 32 MB. It is known for as
 * long as it is used, and for half a day more, so that wrong tries of others keep nobody out who was in.
 */
const REMEMBER_MS = 12 * 3_600_000
const MOST_REMEMBERED = 1_000
/** As slow as a right name, so that the time does not tell which names there are. */
const NOBODY = `scrypt$15$8$3$${'A'.repeat(22)}==$${'A'.repeat(43)}=`
/** Of a name from a network: people mistype. */
const FREE = 5
/** Of a name from all networks where nobody has come in with it: an attacker may have as many as he likes. */
const FREE_ANYWHERE = 50
/** A page that is opened asks for several things at once. */
const CHECKS = { running: 2, waiting: 6 }
const BUSY_MS = 1_000

/** @param now - ms. */
export function makeBasicSignIn(users: readonly DashboardUser[], now: () => number): SignInBasic {
  const remembered = makeRemembered(now)
  const tries = makeTries(now)
  const atMost = makeAtMost(CHECKS)
  const someHashed = users.some(({ password }) => password.startsWith('scrypt$'))
  return async (authorization, address) => {
    const given = readBasic(authorization)
    if (given === null) return { kind: 'unknown' }
    const user = users.find(({ name }) => name === given.name)
    const origin = { name: user?.name ?? null, network: networkOf(address) }
    /** Null while only the password itself can tell. */
    const known = (): SignIn | null => {
      const person = remembered.get(given)
      if (person !== null) return { kind: 'person', person }
      const waitMs = tries.waitMs(origin)
      return waitMs > 0 ? { kind: 'tooMany', waitMs } : null
    }
    const check = async (): Promise<SignIn> => {
      // While it waited for its turn others may have told.
      const told = known()
      if (told !== null) return told
      tries.begun(origin)
      const stored = user?.password ?? (someHashed ? NOBODY : remembered.nothing)
      const isRight = await isPassword(given.password, stored)
      if (user === undefined || !isRight) return { kind: 'unknown' }
      tries.right(origin)
      const person = { name: user.name, role: user.role }
      remembered.add(given, person)
      return { kind: 'person', person }
    }
    const told = known()
    if (told !== null) return told
    return atMost(check).catch((error: unknown): SignIn => {
      if (error instanceof BusyError) return { kind: 'tooMany', waitMs: BUSY_MS }
      throw error
    })
  }
}

interface Given {
  readonly name: string
  readonly password: string
}

/** Who came in lately, by a keyed digest of what they gave: no password is kept. */
function makeRemembered(now: () => number) {
  const key = randomBytes(32)
  const people = new Map<string, { readonly person: Person; readonly untilMs: number }>()
  const digest = ({ name, password }: Given): string =>
    createHmac('sha256', key).update(`${name}:${password}`).digest('base64')
  const put = (at: string, person: Person): void => {
    // The one that was used last is the last.
    people.delete(at)
    people.set(at, { person, untilMs: now() + REMEMBER_MS })
    const [oldest] = people.keys()
    if (people.size > MOST_REMEMBERED && oldest !== undefined) people.delete(oldest)
  }
  return {
    /** A password that nobody has. */
    nothing: key.toString('hex'),
    get(given: Given): Person | null {
      const at = digest(given)
      const known = people.get(at)
      if (known === undefined || known.untilMs <= now()) return null
      put(at, known.person)
      return known.person
    },
    add: (given: Given, person: Person) => put(digest(given), person),
  }
}

/** Whose password is tried from where; the name is null for any that no user has. */
interface Origin {
  readonly name: string | null
  readonly network: string
}

/**
 * Wrong tries by name and network, so that those of one person hold up nobody else behind the same ingress, and by name alone
 * for networks from which nobody has come in with it.
 */
function makeTries(now: () => number) {
  const here = makeWrongPasswords(FREE)
  const anywhere = makeWrongPasswords(FREE_ANYWHERE)
  const cameIn = new Set<string>()
  const placeOf = ({ name, network }: Origin): string => JSON.stringify([name, network])
  const nameOf = ({ name }: Origin): string => JSON.stringify(name)
  return {
    waitMs(origin: Origin): number {
      const place = placeOf(origin)
      const everywhere = cameIn.has(place) ? 0 : anywhere.waitMs(nameOf(origin), now())
      return Math.max(here.waitMs(place, now()), everywhere)
    },
    begun(origin: Origin): void {
      here.tried(placeOf(origin), now())
      anywhere.tried(nameOf(origin), now())
    },
    right(origin: Origin): void {
      const place = placeOf(origin)
      here.right(place)
      anywhere.right(nameOf(origin))
      cameIn.delete(place)
      cameIn.add(place)
      const [oldest] = cameIn
      if (cameIn.size > MOST_REMEMBERED && oldest !== undefined) cameIn.delete(oldest)
    },
  }
}

function readBasic(authorization: string | undefined): Given | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return null
  const [, name, password] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return name === undefined || password === undefined ? null : { name, password }
}
