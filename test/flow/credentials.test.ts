// Credentials of tasks and of the lanes file, through the whole flow: what signs a call, and in which lane it is. With a small AWS that
// keeps what it got.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { JobKey } from '../../src/job/ids.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { CALLERS_ACCOUNT, type SmallAws, startSmallAws } from '../aws/small-aws.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { makeLanesFile } from './lanes-file.ts'
import { until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const CHAIN = { type: 'defaultCredentialsChain' }
const KEYS = { type: 'credentials', accessKey: 'ASIATASK', secretKey: 's' }
const roleOf = (account: string) => `arn:aws:iam::${account}:role/bedrock`

let gateway: FakeGateway
let aws: SmallAws
let quarry: RunningProcess
let jobType: string
let prefix: string
let model: string
/** Accounts of the lanes of calls, by job. */
let accounts: Map<string, string>
let moves: number
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  ;[gateway, aws] = await Promise.all([startFakeGateway(), startSmallAws()])
  stops.push(() => gateway.stop(), aws.stop)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(rules: string): Promise<void> {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  const file = await makeLanesFile(rules)
  stops.push(file.remove)
  const env = testEnvironment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    QUARRY_LANES_FILE: file.path,
    CAMUNDA_TENANT_ID: 'bank,shop,zoo',
  })
  const { settings } = loadSettings({ env })
  ;({ jobType } = settings)
  ;({ prefix } = settings.redis)
  quarry = await startRoles(settings)
  stops.push(() => quarry.stop())
  model = `m-${randomUUID()}`
  accounts = new Map()
  moves = 0
  quarry.events.on('calling', ({ lane, jobKey }) => {
    accounts.set(jobKey, lane.split('@')[0] ?? '')
  })
  quarry.events.on('moved', () => {
    moves += 1
  })
}

function addJob(tenantId: string, authentication: object): JobKey {
  return gateway.addJob({
    type: jobType,
    tenantId,
    retries: 1,
    variables: {
      authentication: JSON.stringify(authentication),
      configuration: '{"region":"eu-west-1"}',
      action: '"converse"',
      data: JSON.stringify({ modelId: model, newMessage: 'Hello there' }),
    },
    customHeaders: { resultVariable: 'answer' },
  })
}

const failed = (job: JobKey) => until('the job has failed', async () => gateway.job(job).state === 'failed')

describe('rules of the lanes file', () => {
  const RULES = `
credentials:
  - tenant: bank
    role: { roleArn: "${roleOf('111122223333')}", externalId: q-1, sessionTags: { tenant: "{tenant}", process: "{process}" } }
  - tenant: shop
    role: { roleArn: "${roleOf('444455556666')}" }
`

  it('give two tenants the roles and the lanes of two accounts, and others Quarry’s own', async () => {
    await start(RULES)
    const jobs = ['bank', 'shop', 'zoo', 'bank', 'shop'].map((tenant) => addJob(tenant, CHAIN))
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(jobs.map((job) => gateway.job(job).state)).toEqual(jobs.map(() => 'completed'))
    expect(jobs.map((job) => accounts.get(job))).toEqual([
      '111122223333',
      '444455556666',
      'default',
      '111122223333',
      '444455556666',
    ])
    expect(moves).toBe(0)
    const assumed = aws.forms.filter((form) => form.get('Action') === 'AssumeRole')
    expect(assumed.map((form) => form.get('RoleArn')).sort()).toEqual(
      ['111122223333', '444455556666'].map(roleOf),
    )
    const ofBank = assumed.find((form) => form.get('ExternalId') === 'q-1')
    expect(ofBank?.get('Tags.member.1.Value')).toBe('bank')
    expect(aws.calls.filter(({ token }) => token?.startsWith('session'))).toHaveLength(4)
  })

  it('cost a job nothing but time while STS refuses a role, and the jobs of others nothing', async () => {
    const shared = '{ tenant: zoo, profile: none, region: us-* }'
    await start(
      `credentials:\n  - ${shared}\n  - { tenant: "*", role: { roleArn: "${roleOf('111122223333')}", sessionTags: { tenant: "{tenant}" } } }\n`,
    )
    let refuses = true
    aws.refuse = (form) =>
      refuses && form.get('Tags.member.1.Value') === 'bank'
        ? { status: 403, code: 'AccessDenied' }
        : undefined
    let failed = 0
    quarry.events.on('called', ({ reason }) => {
      if (reason === 'CredentialsProviderError') failed += 1
    })
    const refused = addJob('bank', CHAIN)
    await until('its role was refused', async () => failed > 0)
    const others = Array.from({ length: 5 }, () => addJob('shop', CHAIN))
    await Promise.all(others.map((job) => gateway.ended(job)))
    expect(gateway.job(refused).state).toBe('activated')
    refuses = false
    await gateway.ended(refused)
    expect(gateway.job(refused)).toMatchObject({ state: 'completed' })
    expect(new Set(accounts.values())).toEqual(new Set(['111122223333']))
  })
})

describe('a task', () => {
  it('sends its session token, its API key, and the session of its role, each in the lane of its account', async () => {
    await start(`taskRoles: [{ tenant: bank, role: "${roleOf('111122223333')}" }]\n`)
    const [token, key] = [`token-${randomUUID()}`, `ABSK${randomUUID()}`]
    const temporary = addJob('bank', { ...KEYS, sessionToken: token })
    const byKey = addJob('bank', { type: 'apiKey', apiKey: key })
    const byRole = addJob('bank', { ...CHAIN, roleArn: roleOf('111122223333') })
    await Promise.all([temporary, byKey, byRole].map((job) => gateway.ended(job)))
    expect([temporary, byKey, byRole].map((job) => gateway.job(job).state)).toEqual(
      Array(3).fill('completed'),
    )
    expect(aws.calls).toContainEqual({
      authorization: expect.stringContaining('Credential=ASIATASK/'),
      token,
    })
    expect(aws.calls).toContainEqual({ authorization: `Bearer ${key}`, token: undefined })
    expect(aws.calls).toContainEqual({
      authorization: expect.stringContaining('Credential=ASIA'),
      token: expect.stringMatching(/^session/),
    })
    // The small AWS has one account for all keys, Quarry's own among them.
    expect(accounts.get(temporary)).toBe('default')
    expect(accounts.get(byKey)).toMatch(/^api-key-[0-9a-f]{12}$/)
    expect(accounts.get(byRole)).toBe('111122223333')
    expect(CALLERS_ACCOUNT).not.toBe('111122223333')
  })

  it('may name no role that only the worker may assume, and nothing is sent', async () => {
    await start(`taskRoles: [{ tenant: bank, role: "${roleOf('111122223333')}" }]\n`)
    const job = addJob('shop', { ...CHAIN, roleArn: roleOf('111122223333') })
    await failed(job)
    expect(gateway.job(job)).toMatchObject({
      retries: 0,
      errorMessage: expect.stringContaining('authentication.roleArn'),
    })
    expect(aws.calls).toEqual([])
    expect(aws.forms.filter((form) => form.get('Action') === 'AssumeRole')).toEqual([])
  })

  it('fails at once, in no lane of the account, when STS refuses its role', async () => {
    await start('taskRoles: [{ role: "arn:*" }]\n')
    aws.refuse = (form) =>
      form.get('Action') === 'AssumeRole' ? { status: 403, code: 'AccessDenied' } : undefined
    const job = addJob('bank', { ...CHAIN, roleArn: roleOf('111122223333') })
    await failed(job)
    expect(gateway.job(job).errorMessage).toMatch(/cannot be assumed: AccessDenied/)
    expect([...accounts.values()]).toEqual(['unproven'])
  })

  it('leaves the session of its role out of Redis', async () => {
    await start(`credentials: [{ tenant: shop, role: { roleArn: "${roleOf('111122223333')}" } }]\n`)
    await gateway.ended(addJob('shop', CHAIN))
    expect(aws.calls).toMatchObject([{ token: expect.stringMatching(/^session\d/) }])
    const redis = new Redis(inject('redisUrl'))
    const keys = await redis.keys(`*${prefix}*`)
    const dumps = await Promise.all(keys.map((name) => redis.dumpBuffer(name)))
    redis.disconnect()
    const all = keys.join('\n') + dumps.map((dump) => dump?.toString('latin1')).join('\n')
    expect(all).toContain('111122223333')
    expect(all).not.toMatch(/session\d/)
  })
})
