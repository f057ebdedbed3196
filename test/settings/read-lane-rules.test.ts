import { describe, expect, it } from 'vitest'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'

const read = (text: string) => readLaneRules({ path: 'lanes.yaml', text })

describe('a file of lane rules', () => {
  it('gives quotas, weights, routes and budgets, durations in ms', () => {
    const { rules, problems } = read(`
quotas:
  - { account: default, region: us-east-1, model: "anthropic.*", requestsPerMinute: 600, tokensPerMinute: 200000 }
  - { model: "*", concurrency: 50, burstSeconds: 2.5 }
weights:
  - { tenant: gold, weight: 3 }
  - { process: "*-batch", weight: 0.5 }
routes:
  - region: us-east-1
    model: anthropic.claude-3-5-sonnet-20241022-v2:0
    to: [{ region: us-west-2 }, { model: "us.anthropic.claude-3-5-sonnet-20241022-v2:0" }]
    spillAfter: PT0.5S
budgets:
  - { name: team-a, tenant: a, per: process, period: day, tokens: 1000000, action: wait }
  - { name: all, period: month, usd: 250.50, action: fail }
`)
    expect(problems).toEqual([])
    expect(rules).toEqual({
      quotas: [
        {
          account: 'default',
          region: 'us-east-1',
          model: 'anthropic.*',
          requestsPerMinute: 600,
          tokensPerMinute: 200_000,
        },
        { model: '*', concurrency: 50, burstSeconds: 2.5 },
      ],
      weights: [
        { tenant: 'gold', weight: 3 },
        { process: '*-batch', weight: 0.5 },
      ],
      routes: [
        {
          region: 'us-east-1',
          model: 'anthropic.claude-3-5-sonnet-20241022-v2:0',
          to: [{ region: 'us-west-2' }, { model: 'us.anthropic.claude-3-5-sonnet-20241022-v2:0' }],
          spillAfterMs: 500,
        },
      ],
      budgets: [
        { name: 'team-a', tenant: 'a', per: 'process', period: 'day', tokens: 1_000_000, action: 'wait' },
        { name: 'all', period: 'month', usd: 250.5, action: 'fail', errorCode: 'QUARRY_BUDGET_EXCEEDED' },
      ],
    })
  })

  it.each(['quotas: []', 'quotas:', '# nothing'])('%s has no rules', (text) => {
    expect(read(text).rules).toEqual({ quotas: [], weights: [], routes: [], budgets: [] })
  })

  it('gives rules for prompt caching, and refuses another lifetime than Bedrock has', () => {
    const caching = [
      { tenant: 'trial-*', off: true },
      { model: '*anthropic*', region: 'eu-*', ttl: '1h' },
    ]
    expect(read(JSON.stringify({ caching })).rules?.caching).toEqual(caching)
    expect(read('caching: [{ ttl: 1d }]').problems.join()).toContain('caching')
  })

  it('spills over after two seconds by default', () => {
    expect(read('quotas:').rules).not.toHaveProperty('unpriced')
    const { rules } = read(
      'routes: [{ region: a, to: [{ region: b, weight: 2 }, { region: c, weight: 1 }] }]',
    )
    expect(rules?.routes[0]?.spillAfterMs).toBe(2_000)
  })
})

it.each<[string, unknown]>([
  ['refuse', 'refuse'],
  ['count nothing', 'count nothing'],
  ['{ input: 15, output: 75 }', { input: 15, output: 75 }],
])('the setting for models without a price: %s', (text, unpriced) => {
  const profiles = [{ profile: 'arn:*', model: 'm' }]
  expect(read(`unpriced: ${text}\nprofiles: [{ profile: "arn:*", model: m }]`).rules).toMatchObject({
    ...{ unpriced, profiles },
  })
})

it.each<[string, unknown]>([
  ['{ most: 16, fromVariables: false }', [{ most: 16, fromVariables: false }]],
  ['[{ tenant: "trial-*", most: 4 }, { most: 16 }]', [{ tenant: 'trial-*', most: 4 }, { most: 16 }]],
])('a lanes file may have one rule of priorities, or a list of them: %s', (text, priorities) => {
  expect(read(`priorities: ${text}`).rules).toMatchObject({ priorities })
})

describe('an error in a lanes file is reported with its place and what is expected', () => {
  it.each([
    ['- 1', 'line 1: ["1"] is not a file with the lists quotas, weights, routes or budgets.'],
    ['quotas: [', 'line 1: not YAML: '],
    ['quotas: 5', 'line 1: quotas: "5" is not a list of entries.'],
    ['a: &x 1\nquotas: *x', 'line 1: there is no a.'],
    ['\nquota: []', 'line 2: there is no quota. Did you mean quotas?'],
    [
      'quotas:\n  - requestPerMinute: 5\n    concurrency: 1',
      'line 2: quotas[0]: there is no requestPerMinute. Did you mean requestsPerMinute?',
    ],
    ['quotas:\n- { region: a }', 'line 2: quotas[0]: {"region":"a"} is not an entry with requestsPerMinute,'],
    [
      'quotas:\n- { tokensPerMinute: 1.5 }',
      'line 2: quotas[0].tokensPerMinute: "1.5" is not a whole number from 1 up.',
    ],
    ['weights: [{ tenant: a }]', 'line 1: weights[0].weight: not set, but expected: a number above 0'],
    ['weights: [{ weight: 0.0 }]', 'weights[0].weight: "0.0" is not a number above 0'],
    ['routes: [{ to: [] }]', 'routes[0].to: [] is not a list of at least one target.'],
    [
      'routes: [{ to: [{ weight: 1 }] }]',
      'routes[0].to[0]: {"weight":1} is not a target with region or model',
    ],
    ['routes: [{ to: [{ regions: x }] }]', 'routes[0].to[0]: there is no regions. Did you mean region?'],
    [
      'routes: [{ to: [{ region: a }, { region: b, weight: 1 }] }]',
      'is not a list in which all targets have a weight, or none.',
    ],
    [
      'routes: [{ to: [{ region: a }], spillAfter: 2s }]',
      'routes[0].spillAfter: "2s" is not an ISO-8601 duration',
    ],
    ['unpriced: free', 'line 1: unpriced: "free" is not refuse, count nothing, or a price in US dollars'],
    ['priorities: { most: 0 }', 'priorities[0].most: "0" is not a number above 0'],
    ['priorities: [{ mots: 4 }]', 'priorities[0]: there is no mots. Did you mean most?'],
    ['profiles: [{ profile: a }]', 'profiles[0].model: not set, but expected: a text.'],
    [
      'budgets: [{ period: day, tokens: 1, action: wait }]',
      'budgets[0].name: not set, but expected: a text.',
    ],
    [
      'budgets: [{ name: a, period: week, tokens: 1, action: wait }]',
      'budgets[0].period: "week" is not one of hour, day, month.',
    ],
    [
      'budgets: [{ name: a, period: day, tokens: 1, usd: 1, action: wait }]',
      'is not an entry with either tokens or usd.',
    ],
    [
      'budgets: [{ name: a, period: day, usd: 1, action: wait, errorCode: X }]',
      'is not an entry that uses errorCode: only `action: fail` does.',
    ],
    [
      'budgets: [{ name: a, period: day, usd: 1, action: wait }, { name: a, period: day, usd: 1, action: wait }]',
      'is not a list in which each name occurs once.',
    ],
  ])('%j', (text, problem) => {
    const { rules, problems } = read(text)
    expect(rules).toBeNull()
    expect(problems.join('\n')).toContain(problem)
    for (const each of problems) expect(each).toMatch(/^lanes\.yaml, line \d+: /)
  })

  it('all errors at once', () => {
    expect(read('quotas: [{ rpm: 1, concurrency: 1 }]\nweights: 3\n').problems).toHaveLength(2)
  })
})

describe('rules of credentials', () => {
  it('name a role, a profile, a web identity, where an API key is, or the worker’s own', () => {
    const { rules, problems } = read(`
credentials:
  - tenant: bank
    role: { roleArn: "arn:aws:iam::111122223333:role/a", externalId: q-1, sessionTags: { tenant: "{tenant}" } }
  - { process: "audit-*", region: "eu-*", profile: audit }
  - webIdentity: { roleArn: "arn:aws:iam::111122223333:role/a", tokenFile: /var/run/token }
  - { overTask: true, apiKey: { env: KEY, account: "111122223333" } }
  - { own: true }
taskRoles:
  - { tenant: bank, role: "arn:aws:iam::111122223333:role/*" }
accounts:
  - { id: "111122223333", apiKeys: [api-key-1a2b3c4d5e6f] }
`)
    expect(problems).toEqual([])
    expect(rules?.credentials).toHaveLength(5)
    expect(rules?.credentials?.[3]).toEqual({
      overTask: true,
      apiKey: { env: 'KEY', account: '111122223333' },
    })
  })

  it.each([
    ['{ tenant: a }', 'exactly one of role, profile, webIdentity, apiKey, own'],
    ['{ profile: a, own: true }', 'exactly one of role'],
    [
      '{ role: { roleArn: bedrock } }',
      'credentials[0].role.roleArn: "bedrock" is not the ARN of an IAM role',
    ],
    ['{ apiKey: ABSKsecretkey }', 'the key itself does not belong here'],
    ['{ apiKey: { env: ABSKsecretkey= } }', 'the name of an environment variable'],
    ['{ apiKey: { env: A, file: b } }', 'the key itself does not belong here'],
    [
      '{ role: { roleArn: "arn:aws:iam::111122223333:role/a", sessionTags: { "<": x } } }',
      'tags with characters',
    ],
    [
      '{ role: { roleArn: "arn:aws:iam::111122223333:role/a", tags: {} } }',
      'there is no tags. Known names: roleArn',
    ],
  ])('are refused at the place of the fault: %s', (entry, problem) => {
    const { problems } = read(`credentials:\n  - ${entry}\n`)
    expect(problems.join('\n')).toContain(problem)
    expect(problems.join('\n')).toContain('lanes.yaml, line 2')
    expect(problems.join('\n')).not.toContain('ABSKsecretkey')
  })
})
