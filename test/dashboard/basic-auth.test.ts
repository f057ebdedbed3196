import { describe, expect, it } from 'vitest'
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

describe('a password', () => {
  it('is known by its hash, which is another each time and fits in a list of users', async () => {
    expect(hash).toMatch(/^scrypt\$15\$8\$3\$[A-Za-z0-9+/]+=*\$[A-Za-z0-9+/]+=*$/)
    expect(await hashPassword('grüße, rock:3')).not.toBe(hash)
    expect(await isPassword('grüße, rock:3', hash)).toBe(true)
    expect(await isPassword('grüße, rock:4', hash)).toBe(false)
  })

  it('is known in clear', async () => {
    expect(await isPassword('pebble', 'pebble')).toBe(true)
    expect(await isPassword('pebbles', 'pebble')).toBe(false)
  })
})

describe('whoever signs in', () => {
  it('is known by name and password, with the role that was given', async () => {
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
  ])('is nobody with %s', async (_, authorization) => {
    expect(await signIn().ask(authorization, 'a')).toEqual({ kind: 'unknown' })
  })

  it('waits after five wrong passwords, twice as long after each, and others do not', async () => {
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

  it('is not held up by the wrong passwords of others behind the same address, once known', async () => {
    const { ask, wrong } = signIn()
    await ask(header('bob', 'pebble'), 'a')
    for (let tries = 0; tries < 6; tries += 1) await wrong('a')
    expect(await ask(header('bob', 'pebble'), 'a')).toEqual(BOB)
  })

  it('gains nothing by many tries at once', async () => {
    const { wrong } = signIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => wrong('a')))
    expect(answers.filter(({ kind }) => kind === 'unknown')).toHaveLength(5)
  })
})
