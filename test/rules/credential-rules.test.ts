import { describe, expect, it } from 'vitest'
import { sessionTagFault } from '../../src/job/session-tags.ts'
import { filledTags, mayNameRole, ruledCredential } from '../../src/rules/credential-rules.ts'
import type { CredentialRule } from '../../src/rules/lane-rules.ts'

const ROLE = 'arn:aws:iam::111122223333:role/a'
const RULES: readonly CredentialRule[] = [
  { tenant: 'bank', process: 'audit-*', own: true },
  { tenant: 'bank', region: 'eu-*', role: { roleArn: ROLE, sessionTags: { tenant: '{tenant}' } } },
  { tenant: 'bank', profile: 'bank-us' },
  { tenant: 'shop', overTask: true, apiKey: { env: 'SHOP_KEY', account: '444455556666' } },
]
const chosen = (tenantId: string, bpmnProcessId: string, region = 'eu-west-1', names = false) =>
  ruledCredential(RULES, { tenantId, bpmnProcessId }, { region, names })

describe('the credentials that the lanes file gives a job', () => {
  it.each([
    ['the first matching rule’s', chosen('bank', 'audit-1'), { kind: 'chain' }],
    [
      'a role with the job’s tags',
      chosen('bank', 'pay'),
      {
        kind: 'role',
        roleArn: ROLE,
        sessionName: 'quarry',
        sessionTags: { tenant: 'bank' },
        by: { kind: 'chain' },
        namedBy: 'rule',
      },
    ],
    [
      'by region, in any spelling',
      chosen('bank', 'pay', 'EU-West-1'),
      expect.objectContaining({ kind: 'role' }),
    ],
    [
      'another in another region',
      chosen('bank', 'pay', 'us-east-1'),
      { kind: 'profile', profile: 'bank-us' },
    ],
    ['none without a rule', chosen('zoo', 'pay'), null],
    ['not over those of a task', chosen('bank', 'pay', 'eu-west-1', true), null],
    [
      'over those of a task where the rule wants it',
      chosen('shop', 'pay', 'eu-west-1', true),
      { kind: 'storedApiKey', from: { env: 'SHOP_KEY' }, account: '444455556666' },
    ],
  ])('are %s', (_what, credential, expected) => {
    expect(credential).toEqual(expected)
  })
})

describe('session tags', () => {
  const owner = { tenantId: '<default>', bpmnProcessId: 'päckchen-1.2' }
  it('have the job’s tenant and process, in characters that AWS allows', () => {
    const tags = filledTags({ both: '{tenant}/{process}', fixed: 'x' }, owner)
    expect(tags).toEqual([
      ['both', ':default:/päckchen-1.2'],
      ['fixed', 'x'],
    ])
    for (const [name, value] of tags) expect(sessionTagFault(name, value)).toBeNull()
  })

  it('that are too long end with a hash', () => {
    const of = (bpmnProcessId: string) =>
      filledTags({ p: '{process}' }, { tenantId: 't', bpmnProcessId })[0]?.[1]
    const [one, other] = [of(`${'p'.repeat(300)}1`), of(`${'p'.repeat(300)}2`)]
    expect(one).toHaveLength(256)
    expect(one).not.toBe(other)
  })
})

describe('a role that a task names', () => {
  const owner = { tenantId: 'bank', bpmnProcessId: 'pay' }
  it('may be assumed with the worker’s own credentials only where an entry fits', () => {
    const rules = [{ tenant: 'bank', role: 'arn:aws:iam::111122223333:role/*' }]
    expect(mayNameRole(rules, owner, ROLE)).toBe(true)
    expect(mayNameRole(rules, { ...owner, tenantId: 'shop' }, ROLE)).toBe(false)
    expect(mayNameRole(rules, owner, 'arn:aws:iam::999922223333:role/a')).toBe(false)
    expect(mayNameRole(undefined, owner, ROLE)).toBe(false)
  })
})
