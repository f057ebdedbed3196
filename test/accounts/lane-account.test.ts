import { describe, expect, it } from 'vitest'
import { accountPseudonym } from '../../src/accounts/account.ts'
import { makeLaneAccount } from '../../src/accounts/lane-account.ts'

const KNOWN: Record<string, string> = { AKIAPROVEN: '111122223333', AKIABOTH: '111122223333' }
const SAID: Record<string, string> = { AKIASAID: '444455556666', AKIABOTH: '444455556666' }

function accounts(asksStore = true) {
  const read: string[] = []
  const clock = { now: 0 }
  const store = {
    async read(accessKey: string) {
      read.push(accessKey)
      return KNOWN[accessKey] ?? null
    },
  }
  const said = (accessKey: string) => SAID[accessKey] ?? null
  return { read, clock, of: makeLaneAccount({ store: asksStore ? store : null, said, now: () => clock.now }) }
}

describe('the account of a lane, as an adapter names it', () => {
  it.each([
    ['Quarry’s own credentials', null, 'default'],
    ['a key that AWS has told of', 'AKIAPROVEN', '111122223333'],
    ['a key of which an operator says it', 'AKIASAID', '444455556666'],
    ['a key of both', 'AKIABOTH', '111122223333'],
    ['a key of neither', 'AKIANEW', accountPseudonym('AKIANEW')],
  ])('of %s', async (_, accessKey, account) => {
    expect(await accounts().of(accessKey)).toBe(account)
  })

  it('of a rule’s role is that of its ARN, unless workers found it to be Quarry’s own', async () => {
    const { of } = accounts()
    expect(await of('role:arn', '999922223333')).toBe('999922223333')
    expect(await of('AKIAPROVEN', '999922223333')).toBe('111122223333')
    expect(await of('api-key:env K')).toMatch(/^api-key-[0-9a-f]{12}$/)
  })

  it('is looked up in Redis at intervals, not for each job', async () => {
    const { of, read, clock } = accounts()
    await Promise.all(Array.from({ length: 100 }, () => of('AKIANEW')))
    expect(read).toEqual(['AKIANEW'])
    clock.now = 60_000
    await of('AKIANEW')
    expect(read).toHaveLength(2)
  })

  it('is named without Redis when AWS is not asked', async () => {
    const { of, read } = accounts(false)
    expect(await of('AKIAPROVEN')).toBe(accountPseudonym('AKIAPROVEN'))
    expect(read).toEqual([])
  })
})
