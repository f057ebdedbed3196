import { beforeEach, describe, expect, test } from 'vitest'
import {
  type FetchedToken,
  makeTokenSource,
  TokenError,
  type TokenSource,
} from '../../src/camunda/token-source.ts'

describe('a token', () => {
  let now: number
  let fetches: number
  let lifetimeMs: number | null
  let fails: TokenError | null
  let held: Promise<void>
  let source: TokenSource

  beforeEach(() => {
    now = 1_000
    fetches = 0
    lifetimeMs = 100_000
    fails = null
    held = Promise.resolve()
    source = makeTokenSource({
      async fetchToken(): Promise<FetchedToken> {
        fetches += 1
        const value = `t${fetches}`
        await held
        if (fails !== null) throw fails
        return { value, lifetimeMs }
      },
      now: () => now,
      random: () => 1,
    })
  })

  test('is fetched once for simultaneous callers, and reused', async () => {
    expect(await Promise.all([source.token(), source.token()])).toEqual(['t1', 't1'])
    expect(await source.token()).toBe('t1')
    expect(fetches).toBe(1)
  })

  test('is renewed 30 s before its end, while callers still get the old one', async () => {
    await source.token()
    now += 69_999
    expect(await source.token()).toBe('t1')
    expect(fetches).toBe(1)
    now += 10_001 // the last fifth: 20 s before its end
    expect(await source.token()).toBe('t1')
    expect(fetches).toBe(2)
    await held
    expect(await source.token()).toBe('t2')
  })

  test('of an hour is renewed 30 s before its end', async () => {
    lifetimeMs = 3_600_000
    await source.token()
    now += 3_569_999
    await source.token()
    expect(fetches).toBe(1)
    now += 1
    await source.token()
    expect(fetches).toBe(2)
  })

  test('stays in use when renewing it fails, until its end', async () => {
    await source.token()
    fails = new TokenError('away', { refused: false })
    now += 90_000
    expect(await source.token()).toBe('t1')
    now += 9_999
    expect(await source.token()).toBe('t1')
    now += 1
    await expect(source.token()).rejects.toThrow('away')
  })

  test('without a lifetime is used for five minutes', async () => {
    lifetimeMs = null
    await source.token()
    now += 299_999
    expect(await source.token()).toBe('t1')
    await held
    now += 300_001
    expect(await source.token()).not.toBe('t1')
  })

  test('that was refused is replaced once for all its callers', async () => {
    const old = await source.token()
    expect(source.refused(old)).toBe(true)
    expect(await source.token()).toBe('t2')
    expect(source.refused(old)).toBe(true)
    expect(await source.token()).toBe('t2')
    expect(fetches).toBe(2)
  })

  test('that is refused every time is fetched at most every 30 s', async () => {
    for (let second = 0; second < 61; second += 1) {
      source.refused(await source.token())
      now += 1_000
    }
    expect(fetches).toBe(3)
    expect(source.refused(await source.token())).toBe(false)
  })

  test('that cannot be fetched is requested less and less often', async () => {
    fails = new TokenError('away', { refused: false })
    const asked: number[] = []
    for (let second = 0; second <= 100; second += 1) {
      const before = fetches
      await expect(source.token()).rejects.toThrow('away')
      if (fetches > before) asked.push(second)
      now += 1_000
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
    fails = null
    now += 30_000
    expect(await source.token()).toBe(`t${asked.length + 1}`)
  })

  test('that the endpoint refuses to issue is requested at most every 30 s', async () => {
    fails = new TokenError('invalid_client', { refused: true })
    for (let second = 0; second < 60; second += 1) {
      await expect(source.token()).rejects.toThrow('invalid_client')
      now += 1_000
    }
    expect(fetches).toBe(2)
  })
})
