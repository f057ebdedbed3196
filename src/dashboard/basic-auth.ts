// People known by name and password, as HTTP's Basic scheme sends them.
import { createHmac, randomBytes } from 'node:crypto'
import type { DashboardUser } from '../settings/dashboard-users.ts'
import type { Person } from './access.ts'
import { isPassword } from './password-hash.ts'
import { makeWrongPasswords } from './wrong-passwords.ts'

export type SignIn =
  | { readonly kind: 'person'; readonly person: Person }
  /** Nobody, or a wrong password. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'tooMany'; readonly waitMs: number }

/** @param authorization - the header; @param address - of the sender. */
export type SignInBasic = (authorization: string | undefined, address: string) => Promise<SignIn>

/** What is known to be right is not stretched again for each request of a page: that takes 60 ms. */
const REMEMBER_MS = 10 * 60_000
const MOST_REMEMBERED = 1_000
/** As slow as a right name, so that the time does not tell which names there are. */
const NOBODY = `scrypt$15$8$3$${'A'.repeat(22)}==$${'A'.repeat(43)}=`

/** @param now - ms. */
export function makeBasicSignIn(users: readonly DashboardUser[], now: () => number): SignInBasic {
  const wrong = makeWrongPasswords()
  const key = randomBytes(32)
  const remembered = new Map<string, { readonly person: Person; readonly untilMs: number }>()
  const someHashed = users.some(({ password }) => password.startsWith('scrypt$'))
  const remember = (digest: string, person: Person): void => {
    const [oldest] = remembered.keys()
    if (remembered.size >= MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
    remembered.set(digest, { person, untilMs: now() + REMEMBER_MS })
  }
  return async (authorization, address) => {
    const given = readBasic(authorization)
    if (given === null) return { kind: 'unknown' }
    const digest = createHmac('sha256', key).update(`${given.name}:${given.password}`).digest('base64')
    const known = remembered.get(digest)
    if (known !== undefined && known.untilMs > now()) return { kind: 'person', person: known.person }
    const waitMs = wrong.waitMs(address, now())
    if (waitMs > 0) return { kind: 'tooMany', waitMs }
    wrong.tried(address, now())
    const user = users.find(({ name }) => name === given.name)
    const isRight = await isPassword(
      given.password,
      user?.password ?? (someHashed ? NOBODY : key.toString('hex')),
    )
    if (user === undefined || !isRight) return { kind: 'unknown' }
    wrong.right(address)
    const person = { name: user.name, role: user.role }
    remember(digest, person)
    return { kind: 'person', person }
  }
}

function readBasic(
  authorization: string | undefined,
): { readonly name: string; readonly password: string } | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return null
  const [, name, password] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return name === undefined || password === undefined ? null : { name, password }
}
