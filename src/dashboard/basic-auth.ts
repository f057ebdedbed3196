// Sign-in by name and password, with HTTP's Basic scheme.
import { createHmac, randomBytes } from 'node:crypto'
import type { DashboardUser } from '../settings/dashboard-users.ts'
import type { Person } from './access.ts'
import { BusyError, makeAtMost } from './at-most.ts'
import { isPassword } from './password-hash.ts'
import { makeWrongPasswords, networkOf } from './wrong-passwords.ts'

type SignIn =
  | { readonly kind: 'person'; readonly person: Person }
  /** Unknown name, or wrong password. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tooMany'; readonly waitMs: number }

/** @param authorization - the header; @param address - of the sender. */
type SignInBasic = (authorization: string | undefined, address: string) => Promise<SignIn>

/**
 * How long a verified password is remembered after its last use. Verifying takes 60 ms and 32 MB, too much for each request of
 * a page. Remembered people also stay signed in while others try wrong passwords for their name.
 */
const REMEMBER_MS = 12 * 3_600_000
const MOST_REMEMBERED = 1_000
/** An unknown name takes as long as a known one, so that the time does not reveal which names exist. */
const NOBODY = `scrypt$15$8$3$${'A'.repeat(22)}==$${'A'.repeat(43)}=`
/** Free tries for a name from one network: people mistype. */
const FREE = 5
/** Free tries for a name from all networks where nobody has signed in with it: an attacker may have many networks. */
const FREE_ANYWHERE = 50
/** Opening a page sends several requests at once. */
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
    /** Null when only checking the password can decide. */
    const known = (): SignIn | null => {
      const person = remembered.get(given)
      if (person !== null) return { kind: 'person', person }
      const waitMs = tries.waitMs(origin)
      return waitMs > 0 ? { kind: 'tooMany', waitMs } : null
    }
    const check = async (): Promise<SignIn> => {
      // Another request may have verified the same password while this one waited.
      const verified = known()
      if (verified !== null) return verified
      tries.begun(origin)
      const stored = user?.password ?? (someHashed ? NOBODY : remembered.nothing)
      const isRight = await isPassword(given.password, stored)
      if (user === undefined || !isRight) return { kind: 'unknown' }
      tries.right(origin)
      const person = { name: user.name, role: user.role }
      remembered.add(given, person)
      return { kind: 'person', person }
    }
    const verified = known()
    if (verified !== null) return verified
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

/** Verified sign-ins, by a keyed digest of name and password: no password is stored. */
function makeRemembered(now: () => number) {
  const key = randomBytes(32)
  const people = new Map<string, { readonly person: Person; readonly untilMs: number }>()
  const digest = ({ name, password }: Given): string =>
    createHmac('sha256', key).update(`${name}:${password}`).digest('base64')
  const put = (at: string, person: Person): void => {
    // Moves it to the end: the first entry is the least recently used.
    people.delete(at)
    people.set(at, { person, untilMs: now() + REMEMBER_MS })
    const [oldest] = people.keys()
    if (people.size > MOST_REMEMBERED && oldest !== undefined) people.delete(oldest)
  }
  return {
    /** A password that no user has. */
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

/** A try: the name, null if no user has it, and the network that it comes from. */
interface Origin {
  readonly name: string | null
  readonly network: string
}

/**
 * Counts wrong tries by name and network, so that one person's mistakes do not delay others behind the same ingress; and by name
 * alone for networks from which nobody has signed in with it.
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
