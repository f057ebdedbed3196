import { describe, expect, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'

const CHAIN = { kind: 'chain' } as const
const key = (secretKey: string, accessKey = 'AKIA') => ({ kind: 'static', accessKey, secretKey }) as const

describe('a credential counts as proven', () => {
  it('from its first accepted call until AWS refuses it', () => {
    const proven = makeProvenCredentials()
    expect(proven.has(key('right'))).toBe(false)
    proven.accepted(key('right'))
    expect([proven.has(key('right')), proven.has(key('wrong'))]).toEqual([true, false])
    proven.refused(key('wrong'))
    expect(proven.has(key('right'))).toBe(true)
    proven.refused(key('right'))
    expect(proven.has(key('right'))).toBe(false)
  })

  it('from the start if it is the process’s own, until AWS refuses it', () => {
    const proven = makeProvenCredentials()
    expect(proven.has(CHAIN)).toBe(true)
    proven.refused(CHAIN)
    expect(proven.has(CHAIN)).toBe(false)
    proven.accepted(CHAIN)
    expect(proven.has(CHAIN)).toBe(true)
  })

  it('only for the endpoint that accepted it', () => {
    const proven = makeProvenCredentials()
    proven.accepted(key('right'), 'https://bedrock.example')
    expect(proven.has(key('right'), 'https://bedrock.example')).toBe(true)
    expect(proven.has(key('right'))).toBe(false)
  })

  it('while it was used recently, however many other credentials AWS refuses', () => {
    const proven = makeProvenCredentials(2)
    for (const secret of ['a', 'b']) proven.accepted(key(secret))
    for (let each = 0; each < 10; each += 1) proven.refused(key(`wrong ${each}`))
    expect(proven.has(key('a'))).toBe(true)
    proven.accepted(key('c'))
    expect(['a', 'b', 'c'].map((secret) => proven.has(key(secret)))).toEqual([true, false, true])
  })
})
