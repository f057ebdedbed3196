// How `quarry doctor` words its results.
import { describe, expect, it } from 'vitest'
import { judgeIdentity, judgeModel } from '../../src/doctor/judge-aws.ts'
import { type BedrockReach, judgeReach, regionsInUse } from '../../src/doctor/judge-bedrock.ts'
import { judgeClock } from '../../src/doctor/judge-clock.ts'
import { judgeMeasures } from '../../src/doctor/judge-redis.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'

describe('a clock', () => {
  it.each([
    ['AWS', 900, 600, 'ok'],
    ['AWS', -1_400, 600, 'ok'],
    ['AWS', 2_000, 600, 'warning'],
    ['AWS', 300_400, 600, 'warning'],
    ['AWS', -301_000, 600, 'fault'],
    ['Redis', 1_000, 1, 'ok'],
    ['Redis', -1_100, 1, 'warning'],
    ['Redis', 61_000, 1, 'fault'],
  ] as const)('of %s that is %d ms ahead, give or take %d, is %s', (of, aheadMs, withinMs, level) => {
    expect(judgeClock({ of, aheadMs, withinMs }).level).toBe(level)
  })

  it('is reported with its host and the consequence', () => {
    const { text } = judgeClock({ of: 'AWS', aheadMs: -600_000, withinMs: 600 })
    expect(text).toBe(
      'The clock of this host is 600 s ahead of that of AWS: AWS refuses signatures that are more than 5 min off. Let NTP set the clock (chrony, systemd-timesyncd), on Kubernetes that of the node; in a virtual machine also after a suspend.',
    )
  })
})

describe('a Redis', () => {
  const MIB = 2 ** 20
  const measure = (given: object) => ({
    ...{ address: 'r:6379', latencyMs: 0.2, usedBytes: 10 * MIB, maxBytes: 100 * MIB, evictedKeys: 0 },
    clock: { aheadMs: 0, withinMs: 1 },
    ...given,
  })
  it.each([
    [{}, ['ok', 'ok']],
    [{ maxBytes: 0 }, ['ok', 'ok']],
    [{ latencyMs: 7 }, ['warning', 'ok']],
    [{ usedBytes: 80 * MIB }, ['ok', 'warning']],
    [{ usedBytes: 96 * MIB }, ['ok', 'fault']],
    [{ evictedKeys: 3 }, ['ok', 'ok', 'warning']],
  ])('with %j is %j', (given, levels) => {
    expect(judgeMeasures([measure(given)]).map(({ level }) => level)).toEqual(levels)
  })
})

describe('what AWS says', () => {
  const asked = { identity: null, region: 'eu-west-1', hasApiKey: false }
  const refused = (name: string, more: object = { status: 403 }) => ({
    name,
    message: 'as signed: secret',
    ...more,
  })
  it.each([
    ['ExpiredToken', 'fault', 'has expired'],
    ['InvalidClientTokenId', 'fault', 'does not know the access key'],
    ['SignatureDoesNotMatch', 'fault', 'AWS_SECRET_ACCESS_KEY is not the secret'],
    ['SomethingElse', 'fault', 'refused (SomethingElse, 403)'],
  ])('%s of an identity is a %s: it %s', (name, level, words) => {
    const verdict = judgeIdentity({ ...asked, failure: refused(name) })
    expect(verdict.level).toBe(level)
    expect(verdict.text).toContain(words)
    expect(verdict.text).not.toContain('as signed')
  })

  it('no credentials are a warning, and none with an API key', () => {
    const failure = refused('CredentialsProviderError', { noCredentials: true })
    expect(judgeIdentity({ ...asked, failure }).level).toBe('warning')
    expect(judgeIdentity({ ...asked, failure, hasApiKey: true }).level).toBe('ok')
  })

  it.each([
    [403, 'AccessDeniedException', 'fault', 'Ask for access'],
    [404, 'ResourceNotFoundException', 'fault', 'Check its id and the region'],
    [429, 'ThrottlingException', 'warning', 'throttled now'],
    [500, 'InternalServerException', 'fault', 'fails'],
    [undefined, 'TimeoutError', 'fault', 'cannot be reached'],
    [403, 'ExpiredTokenException', 'fault', 'has expired'],
  ])('%s %s of a model is a %s', (status, name, level, words) => {
    const failure = { name, message: 'why', ...(status === undefined ? {} : { status }) }
    const verdict = judgeModel({ model: 'm', region: 'eu-west-1', failure })
    expect(verdict.level).toBe(level)
    expect(verdict.text).toContain(words)
  })
})

describe('the way to Bedrock', () => {
  const reach: BedrockReach = {
    ...{ endpoint: 'b.example:443', via: null, protocol: 'HTTP/2', status: 403, tookMs: 42, failure: null },
  }
  it('that ends with an answer is fine, though the unsigned request is refused', () => {
    expect(judgeReach(['eu-west-1'], reach)).toEqual({
      level: 'ok',
      text: 'Bedrock of eu-west-1 answers at b.example:443 by HTTP/2, after 42 ms.',
    })
    const proxied: BedrockReach = { ...reach, via: 'http://proxy:3128', protocol: 'HTTP/1.1', status: 404 }
    expect(judgeReach(['eu-west-1', 'us-east-1'], proxied)).toEqual({
      level: 'ok',
      text: 'Bedrock of eu-west-1, us-east-1 answers at b.example:443 through the proxy http://proxy:3128 by HTTP/1.1, after 42 ms.',
    })
  })

  it('that ends with 503 is a warning; one that fails before is a fault with its step', () => {
    expect(judgeReach(['eu-west-1'], { ...reach, status: 503 })).toMatchObject({
      level: 'warning',
      text: expect.stringContaining(
        'with the status 503: Bedrock, or a proxy on the way, takes no calls now',
      ),
    })
    const message =
      'b.example:443 cannot be connected to: connection refused (ECONNREFUSED). Look at the endpoint'
    const refused = { ...reach, protocol: null, status: null, failure: { message } }
    expect(judgeReach(['eu-west-1'], refused)).toEqual({
      level: 'fault',
      text: `Bedrock of eu-west-1: ${message}.`,
    })
  })

  it.each([
    [{ served: undefined, named: undefined, ofLanes: [] }, []],
    [
      { served: undefined, named: 'eu-west-1', ofLanes: ['us-east-1', 'eu-west-1', 'none', 'evil.example/'] },
      ['eu-west-1', 'us-east-1'],
    ],
    [{ served: ['us-west-2'], named: 'us-west-2', ofLanes: ['us-east-1'] }, ['us-west-2']],
  ])('is checked for each region in use: %j', (facts, regions) => {
    expect(regionsInUse(facts)).toEqual(regions)
  })
})

it('all checks finish although one of them fails, and are listed in their order', async () => {
  const found = await runChecks([
    { name: 'silent', limitMs: 20, run: () => new Promise(() => undefined) },
    { name: 'broken', run: () => Promise.reject(new Error('It is broken. Mend it.')) },
    { name: 'well', run: async () => [{ level: 'ok', text: 'Fine.' }] },
  ])
  expect(found).toEqual([
    { check: 'silent', level: 'fault', text: 'No result within 0.02 s. Check address and network.' },
    { check: 'broken', level: 'fault', text: 'It is broken. Mend it.' },
    { check: 'well', level: 'ok', text: 'Fine.' },
  ])
})
