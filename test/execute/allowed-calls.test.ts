import { describe, expect, test } from 'vitest'
import { STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import { makeMask } from '../../src/connector/secret-masking.ts'
import { makeCredentialCheck, makeEndpointCheck, makeLaneCheck } from '../../src/execute/allowed-calls.ts'
import type { AssumedRole, Credential } from '../../src/job/credential.ts'
import type { AllowRule } from '../../src/rules/lane-rules.ts'

const ALLOWED = ['https://vpce-1.example.com', 'https://Proxy.example.com/bedrock/']

/** What a task that names an endpoint comes to: the endpoint that is called, or the refusal. */
function outcome(endpoint: string): { called: string | undefined } | { refused: string } {
  const checked = makeEndpointCheck(ALLOWED)({
    ...{ credentials: { kind: 'chain' }, region: 'us-east-1', endpoint },
    call: { action: 'invokeModel', modelId: 'm', body: '{}', headers: {}, options: STOCK_OPTIONS },
    size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
  })
  return checked.ok ? { called: checked.request.endpoint } : { refused: checked.error.message }
}

test.each([
  'https://vpce-1.example.com',
  'https://VPCE-1.example.com/',
  'HTTPS://vpce-1.example.com:443',
  ' https://vpce-1.example.com\n',
  'https:\\\\vpce-1.example.com',
  'https://\uff56pce-1.example.com',
])('%j matches the allowed endpoint, which is called as the setting spells it', (endpoint) => {
  expect(outcome(endpoint)).toEqual({ called: ALLOWED[0] })
})

test('an allowed path may end with or without a slash', () => {
  for (const endpoint of ['https://proxy.example.com/bedrock', 'https://proxy.example.com/bedrock/']) {
    expect(outcome(endpoint)).toEqual({ called: ALLOWED[1] })
  }
})

test.each([
  'http://vpce-1.example.com',
  'https://vpce-1.example.com:8443',
  'https://vpce-1.example.com.',
  'https://vpce-1.example.com.evil.org',
  'https://x.vpce-1.example.com',
  'https://vpce-1.example.com@evil.org',
  'https://vpce-1.example.com\\@evil.org',
  'https://evil.org\\@vpce-1.example.com',
  'https://evil.org#@vpce-1.example.com',
  'https://user@vpce-1.example.com',
  'https://vpce-1.example.com/elsewhere',
  'https://vpce-1.example.com?a',
  'https://vpce-1.example.com#a',
  'https://proxy.example.com',
  'https://proxy.example.com/bedrock/../other',
  'https://proxy.example.com/bedrock-2',
  'vpce-1.example.com',
  '//vpce-1.example.com',
])('%j is a different endpoint, and is refused', (endpoint) => {
  expect(outcome(endpoint)).toEqual({ refused: expect.stringContaining('QUARRY_ENDPOINT_ALLOW') })
})

test('the refusal of an endpoint shows no credential, and no part of a secret', () => {
  const secret = 'S3cr3tPath'
  const shown = JSON.stringify(outcome(`https://user:pass/word@evil.org/${'x'.repeat(175)}${secret}`))
  expect(shown).toContain('evil.org')
  expect(makeMask([{ name: 'S', value: secret }])(shown)).not.toContain('S3c')
  for (const endpoint of ['https://user:pw@evil.org', 'https:\\\\user:pw@evil.org', 'user:pw@evil.org']) {
    expect(JSON.stringify(outcome(endpoint))).toContain('***@evil.org')
  }
})

const check = (allow: readonly AllowRule[] | undefined, [tenantId, region, model]: readonly string[]) =>
  makeLaneCheck(() => allow)(
    { tenantId: tenantId ?? '' },
    {
      ...{ credentials: { kind: 'chain' }, region: region ?? '' },
      call: { action: 'invokeModel', modelId: model ?? '', body: '{}', headers: {}, options: STOCK_OPTIONS },
      size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
    },
  )

describe('the models that a tenant may call', () => {
  test('are all if the lanes file has no list', () => {
    expect(check(undefined, ['a', 'eu-west-1', 'm'])).toBeNull()
  })

  test('are those that match an entry once there is a list', () => {
    const allow = [
      { tenant: 'gold', region: 'eu-*', model: 'anthropic.*' },
      { model: 'amazon.nova-lite-v1:0' },
    ]
    const rows = [
      [['gold', 'eu-west-1', 'anthropic.claude'], true],
      [['gold', 'us-east-1', 'anthropic.claude'], false],
      [['other', 'eu-west-1', 'anthropic.claude'], false],
      [['other', 'us-east-1', 'amazon.nova-lite-v1:0'], true],
      [['other', 'us-east-1', 'amazon.nova-lite-v1:0x'], false],
    ] as const
    for (const [asked, allowed] of rows) expect(check(allow, asked) === null, asked.join()).toBe(allowed)
    expect(check([], ['a', 'eu-west-1', 'm'])).not.toBeNull()
  })

  test('are explained in the refusal: what is wrong, for whom, and where to change it', () => {
    expect(check([], ['gold', 'eu-west-1', 'm'])?.message).toBe(
      'The model m in eu-west-1 is not allowed for tenant gold: no entry of "allow" in the lanes file of Quarry (QUARRY_LANES_FILE) fits. Add one there, or change region or model of the task.',
    )
  })
})

describe('the credentials of a job', () => {
  const role = (by: AssumedRole['by']): AssumedRole => ({
    ...{ kind: 'role', roleArn: 'arn:aws:iam::111122223333:role/a', sessionName: 'quarry', sessionTags: {} },
    ...{ by, namedBy: 'task' },
  })
  const credentialed = (credentials: Credential, rules: Parameters<typeof makeCredentialCheck>[0]) =>
    makeCredentialCheck(rules)(
      { tenantId: 'bank', bpmnProcessId: 'pay' },
      {
        ...{ credentials, region: 'eu-west-1' },
        call: { action: 'invokeModel', modelId: 'm', body: '{}', headers: {}, options: STOCK_OPTIONS },
        size: { characters: 0, images: 0, documentBytes: 0, maxTokens: null },
      },
    )

  test('are those of the first matching rule', () => {
    const rules = () => ({ credentials: [{ tenant: 'bank', profile: 'bank' }] })
    expect(credentialed({ kind: 'chain' }, rules)).toMatchObject({
      request: { credentials: { kind: 'profile', profile: 'bank' } },
    })
  })

  test('may be a role that a task names only by keys of its own, or by an entry of taskRoles', () => {
    const chain = role({ kind: 'chain' })
    const refused = credentialed(chain, () => ({}))
    expect(refused).toMatchObject({ ok: false, error: { input: true } })
    expect(refused).toMatchObject({
      error: {
        message: expect.stringMatching(/authentication\.roleArn: arn:.* is not allowed for process pay/),
      },
    })
    expect(credentialed(chain, () => ({ taskRoles: [{ role: 'arn:*' }] }))).toMatchObject({ ok: true })
    const keys = role({ kind: 'static', accessKey: 'AKIA', secretKey: 's' })
    expect(credentialed(keys, () => ({}))).toMatchObject({ ok: true })
  })
})
