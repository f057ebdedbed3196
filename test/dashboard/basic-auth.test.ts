import { createHook } from 'node:async_hooks'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeBasicSignIn } from '../../src/dashboard/basic-auth.ts'
import { hashPassword, isPassword } from '../../src/dashboard/password-hash.ts'

const header = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

const hash = await hashPassword('grüße, rock:3')
const USERS = [
  { name: 'ann', role: 'operator', password: hash },
  { name: 'bob', role: 'viewer', password: 'pebble' },
] as const
const ANN = { kind: 'person', person: { name: 'ann', role: 'operator' } }
const BOB = { kind: 'person', person: { name: 'bob', role: 'viewer' } }

function signIn() {
  const clock = { nowMs: 0 }
  const ask = makeBasicSignIn(USERS, () => clock.nowMs)
  return { clock, ask, wrong: (address: string) => ask(header('bob', 'wrong'), address) }
}

/** How many hashes are made at a time, by what Node says of its work. */
function watchHashes() {
  let running = 0
  let most = 0
  const known = new Set<number>()
  const hook = createHook({
    init(id, type) {
      if (type !== 'SCRYPTREQUEST') return
      known.add(id)
      running += 1
      most = Math.max(most, running)
    },
    before(id) {
      if (known.delete(id)) running -= 1
    },
  }).enable()
  onTestFinished(() => void hook.disable())
  return { most: () => most }
}

describe('a password', () => {
  it('matches its hash, which is salted and fits in a list of users', async () => {
    expect(hash).toMatch(/^scrypt\$15\$8\$3\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*$/)
    expect(await hashPassword('grüße, rock:3')).not.toBe(hash)
    expect(await isPassword('grüße, rock:3', hash)).toBe(true)
    expect(await isPassword('grüße, rock:4', hash)).toBe(false)
  })

  it('may be configured in clear', async () => {
    expect(await isPassword('pebble', 'pebble')).toBe(true)
    expect(await isPassword('pebbles', 'pebble')).toBe(false)
  })
})

describe('a user who signs in', () => {
  it('is recognised by name and password, and gets the configured role', async () => {
    const { ask } = signIn()
    expect(await ask(header('ann', 'grüße, rock:3'), 'a')).toEqual(ANN)
    expect(await ask(header('bob', 'pebble'), 'a')).toEqual(BOB)
  })

  it.each([
    ['nothing', undefined],
    ['another scheme', 'Bearer abc'],
    ['no base64', 'Basic ?'],
    ['no password', `Basic ${Buffer.from('bob').toString('base64')}`],
    ['a wrong password', header('bob', 'rock')],
    ['a name that is not known', header('eve', 'pebble')],
    ['the hash itself', header('ann', hash)],
    ['no text as password', header('bob', '')],
  ])('is refused with %s', async (_, authorization) => {
    expect(await signIn().ask(authorization, 'a')).toEqual({ kind: 'unknown' })
  })

  it('waits after five wrong passwords, twice as long after each; other users do not wait', async () => {
    const { clock, ask, wrong } = signIn()
    for (let tries = 0; tries < 5; tries += 1) expect(await wrong('a')).toEqual({ kind: 'unknown' })
    expect(await wrong('a')).toEqual({ kind: 'tooMany', waitMs: 1_000 })
    expect(await ask(header('bob', 'pebble'), 'a')).toMatchObject({ kind: 'tooMany' })
    expect(await ask(header('bob', 'pebble'), 'b')).toEqual(BOB)
    clock.nowMs = 1_000
    expect(await wrong('a')).toEqual({ kind: 'unknown' })
    expect(await wrong('a')).toEqual({ kind: 'tooMany', waitMs: 2_000 })
    clock.nowMs = 3_000
    expect(await ask(header('bob', 'pebble'), 'a')).toEqual(BOB)
  })

  it('is not delayed by wrong passwords of others behind the same address, once known', async () => {
    const { ask, wrong } = signIn()
    await ask(header('bob', 'pebble'), 'a')
    for (let tries = 0; tries < 6; tries += 1) await wrong('a')
    expect(await ask(header('bob', 'pebble'), 'a')).toEqual(BOB)
  })

  it('stays admitted from a network of guessers while they return now and then', async () => {
    const { clock, ask, wrong } = signIn()
    await ask(header('bob', 'pebble'), '192.0.2.7')
    for (let hours = 0; hours < 48; hours += 6) {
      clock.nowMs = hours * 3_600_000
      for (let tries = 0; tries < 6; tries += 1) await wrong('192.0.2.8')
      expect(await wrong('192.0.2.8')).toMatchObject({ kind: 'tooMany' })
      expect(await ask(header('bob', 'pebble'), '192.0.2.7')).toEqual(BOB)
    }
  })

  it('is not delayed by wrong passwords for another name from the same address', async () => {
    const { ask, wrong } = signIn()
    for (let tries = 0; tries < 6; tries += 1) await wrong('192.0.2.8')
    expect(await ask(header('ann', 'grüße, rock:3'), '192.0.2.8')).toEqual(ANN)
    expect(await ask(header('eve', 'x'), '192.0.2.8')).toEqual({ kind: 'unknown' })
  })

  it('gets no more free tries from more addresses of one network', async () => {
    const { ask } = signIn()
    const kinds: string[] = []
    for (let n = 0; n < 10; n += 1)
      kinds.push((await ask(header('bob', `${n}`), `2001:db8::${n.toString(16)}`)).kind)
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(5)
  })

  it('gets fifty tries of a name over all new networks, while networks with a successful sign-in are not limited', async () => {
    const { ask } = signIn()
    await ask(header('bob', 'pebble'), '10.0.0.1')
    const kinds: string[] = []
    for (let n = 0; n < 100; n += 1) kinds.push((await ask(header('bob', `${n}`), `10.1.${n}.1`)).kind)
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(50)
    expect(await ask(header('bob', 'mistyped'), '10.0.0.1')).toEqual({ kind: 'unknown' })
    expect(await ask(header('bob', 'pebble'), '10.1.200.1')).toEqual(BOB)
  })

  it('causes no more than two hashes at a time, from any number of addresses', async () => {
    const { ask } = signIn()
    await ask(header('ann', 'grüße, rock:3'), '192.0.2.7')
    const hashes = watchHashes()
    const tries = Array.from({ length: 50 }, (_, n) => ask(header('ann', `${n}`), `10.2.${n}.1`))
    // Whoever is known waits for none of them.
    const known = ask(header('ann', 'grüße, rock:3'), '10.2.0.1')
    expect(await known).toEqual(ANN)
    const kinds = (await Promise.all(tries)).map(({ kind }) => kind)
    expect(hashes.most()).toBe(2)
    expect(kinds.filter((kind) => kind === 'unknown')).toHaveLength(8)
    expect(kinds.filter((kind) => kind === 'tooMany')).toHaveLength(42)
  })

  it('gains nothing from many tries at once', async () => {
    const { wrong } = signIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => wrong('a')))
    expect(answers.filter(({ kind }) => kind === 'unknown')).toHaveLength(5)
  })
})
