// Credentials that the stock connector has not: what is bound, and what is refused before anything is sent.
import { describe, expect, it } from 'vitest'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { ownSecrets } from '../../src/connector/own-credentials.ts'

const KEYS = { type: 'credentials', accessKey: 'AKIA', secretKey: 'secret' }
const CHAIN = { type: 'defaultCredentialsChain' }
const ROLE = 'arn:aws:iam::111122223333:role/team/bedrock'

function bind(authentication: object, options: { saas?: boolean } = {}) {
  const variables = {
    authentication,
    configuration: { region: 'eu-west-1' },
    action: 'converse',
    data: { modelId: 'm', newMessage: 'Hi' },
  }
  return bindRequest(JSON.stringify(variables), { compatibility: '8.9', ...options })
}

function credential(authentication: object) {
  const bound = bind(authentication)
  if (!bound.ok) expect.fail(bound.error.message)
  return bound.request.credentials
}

describe('credentials of a task', () => {
  const keys = { kind: 'static', accessKey: 'AKIA', secretKey: 'secret' }
  const role = { kind: 'role', roleArn: ROLE, sessionName: 'quarry', sessionTags: {}, namedBy: 'task' }

  it.each([
    ['keys', KEYS, keys],
    ['keys without a type, as in old diagrams', { accessKey: 'AKIA', secretKey: 'secret' }, keys],
    ['the chain', CHAIN, { kind: 'chain' }],
    ['the chain, beside keys that it does not use', { ...KEYS, ...CHAIN }, { kind: 'chain' }],
    ['temporary keys', { ...KEYS, sessionToken: ' abc/+= ' }, { ...keys, sessionToken: 'abc/+=' }],
    ['an empty field of the template', { ...KEYS, sessionToken: '', roleArn: null, externalId: ' ' }, keys],
    ['an API key', { type: 'apiKey', apiKey: 'ABSKabc=' }, { kind: 'apiKey', apiKey: 'ABSKabc=' }],
    ['a role by the chain', { ...CHAIN, roleArn: ROLE }, { ...role, by: { kind: 'chain' } }],
    [
      'a role by temporary keys',
      {
        ...KEYS,
        sessionToken: 't',
        roleArn: ROLE,
        externalId: 12345,
        sessionTags: { team: 'claims', level: 3 },
      },
      {
        ...role,
        externalId: '12345',
        sessionTags: { team: 'claims', level: '3' },
        by: { ...keys, sessionToken: 't' },
      },
    ],
  ])('are %s', (_what, authentication, expected) => {
    expect(credential(authentication)).toEqual(expected)
  })

  it.each([
    ['sessionToken', { ...CHAIN, sessionToken: 't' }, 'is only used with access keys'],
    ['sessionToken', { ...KEYS, sessionToken: 'two words' }, 'must be a text without blanks'],
    ['sessionToken', { ...KEYS, sessionToken: ['t'] }, 'must be a text without blanks'],
    ['apiKey', { ...KEYS, apiKey: 'k' }, 'is only used with authentication.type: apiKey'],
    ['apiKey', { type: 'apiKey' }, 'must not be blank'],
    ['apiKey', { type: 'apiKey', apiKey: 'line\nend' }, 'must be a text without blanks'],
    ['roleArn', { type: 'apiKey', apiKey: 'k', roleArn: ROLE }, 'is only used with access keys or'],
    ['roleArn', { ...CHAIN, roleArn: 'bedrock' }, 'must be the ARN of an IAM role'],
    ['roleArn', { ...CHAIN, roleArn: 'arn:aws:iam::111122223333:user/x' }, 'must be the ARN of an IAM role'],
    ['externalId', { ...CHAIN, externalId: 'abc' }, 'is only used with roleArn'],
    ['externalId', { ...CHAIN, roleArn: ROLE, externalId: 'a b' }, 'must be a text of 2 to 1224'],
    ['sessionTags', { ...KEYS, sessionTags: {} }, 'is only used with roleArn'],
    ['sessionTags', { ...CHAIN, roleArn: ROLE, sessionTags: ['a'] }, 'must be an object of texts'],
    ['sessionTags', { ...CHAIN, roleArn: ROLE, sessionTags: { a: {} } }, 'must be an object of texts'],
    ['sessionTags', { ...CHAIN, roleArn: ROLE, sessionTags: { 'aws:x': 'y' } }, 'has a name that AWS'],
    ['sessionTags', { ...CHAIN, roleArn: ROLE, sessionTags: { team: '<x>' } }, 'has a value of team that'],
  ])('with a wrong %s are refused before anything is sent: case %#', (name, authentication, reason) => {
    const bound = bind(authentication)
    if (bound.ok) expect.fail('bound')
    expect(bound.error).toMatchObject({ input: true })
    expect(bound.error.message).toContain(`Nothing was sent to Bedrock: authentication.${name}: ${reason}`)
    expect(bound.error.message).not.toMatch(/two words|line/)
  })

  it('fail by the stock connector’s checks first', () => {
    const bound = bind({ type: 'credentials', accessKey: '', secretKey: 's', apiKey: 'k' })
    expect(bound).toMatchObject({ error: { message: expect.stringContaining('authentication.accessKey') } })
    const saas = bind({ ...CHAIN, roleArn: ROLE }, { saas: true })
    expect(saas).toMatchObject({
      error: { message: expect.stringContaining('defaultCredentialsChainUsedInSaaS') },
    })
  })

  it('have secrets that are masked also where a diagram holds them as text', () => {
    expect(ownSecrets(credential({ type: 'apiKey', apiKey: 'ABSK' }))).toEqual(['ABSK'])
    expect(ownSecrets(credential({ ...KEYS, sessionToken: 'tok', roleArn: ROLE }))).toEqual(['tok'])
    expect(ownSecrets(credential(KEYS))).toEqual([])
  })
})
