// The SDK's own providers, against a small STS, and what they sign.
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeAwsHttp } from '../../src/aws/aws-http.ts'
import { makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { callBedrock } from '../../src/aws/call-bedrock.ts'
import { makeAccountQuestions } from '../../src/aws/caller-identity.ts'
import { makeCredentialSources, type Signing } from '../../src/aws/credential-sources.ts'
import type { AssumedRole, Credential } from '../../src/job/credential.ts'
import { startHttp } from './servers.ts'
import { CALLERS_ACCOUNT, type SmallAws, startSmallAws } from './small-aws.ts'

const ROLE_ARN = 'arn:aws:iam::111122223333:role/bedrock'
const ROLE: AssumedRole = {
  kind: 'role',
  roleArn: ROLE_ARN,
  externalId: 'quarry-1',
  sessionName: 'quarry',
  sessionTags: { tenant: 'bank', process: 'pay' },
  by: { kind: 'static', accessKey: 'AKIAONE', secretKey: 's', sessionToken: 'base' },
  namedBy: 'rule',
}

let aws: SmallAws
let home: string
const closes: (() => unknown)[] = []

beforeEach(async () => {
  aws = await startSmallAws()
  home = await mkdtemp(join(tmpdir(), 'quarry-home-'))
  vi.stubEnv('HOME', home)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
  vi.stubEnv('AWS_ENDPOINT_URL_STS', undefined)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIACHAIN')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  await writeFile(
    join(home, 'config'),
    '[profile bank]\naws_access_key_id = AKIABANK\naws_secret_access_key = s\n',
  )
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closes.splice(0)) await close()
  await aws?.stop()
  if (home !== undefined) await rm(home, { recursive: true })
})

function sources(options: { firstPauseMs?: number } = {}) {
  const http = makeAwsHttp()
  closes.push(() => http.close())
  const failing: object[] = []
  const made = makeCredentialSources(http, {
    stsEndpoint: aws.url,
    onFailing: (told) => void failing.push(told),
    firstPauseMs: 0,
    ...options,
  })
  return { made, failing, get: (credential: Signing) => made.identity(credential, 'eu-west-1')() }
}

function passes(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
  closes.push(() => vi.useRealTimers())
}

/** Sends a call, and returns its Authorization. */
async function send(credential: Credential) {
  const clients = makeBedrockClients({ endpoint: aws.url, stsEndpoint: aws.url })
  closes.push(() => clients.close())
  const sent = { target: { operation: 'converse' as const, modelId: 'm' }, body: '{}' }
  const limits = { timeoutMs: 20_000, signal: new AbortController().signal }
  const result = await callBedrock(clients.get('eu-west-1', credential), sent, limits)
  return { result, ...aws.calls.at(-1) }
}

describe('a call', () => {
  it('with temporary keys carries their session token', async () => {
    const keys = { accessKey: 'ASIATASK', secretKey: 's', sessionToken: 'tok' }
    const { authorization, token } = await send({ kind: 'static', ...keys })
    expect(authorization).toMatch(/Credential=ASIATASK\/.*SignedHeaders=[^,]*x-amz-security-token/)
    expect(token).toBe('tok')
    expect((await send({ kind: 'static', accessKey: 'AKIA', secretKey: 's' })).token).toBeUndefined()
  })

  it('with an API key carries it as a bearer token, and no signature', async () => {
    const { authorization } = await send({ kind: 'apiKey', apiKey: 'ABSKabc' })
    expect(authorization).toBe('Bearer ABSKabc')
  })

  it('is not sent with the API key of the environment where other credentials are named', async () => {
    vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'ofworker')
    expect((await send({ kind: 'profile', profile: 'bank' })).authorization).toMatch(/Credential=AKIABANK\//)
    expect((await send({ kind: 'apiKey', apiKey: 'own' })).authorization).toBe('Bearer own')
  })

  it('takes an API key from where the lanes file says, each time anew', async () => {
    const file = join(home, 'key')
    await writeFile(file, 'infile\n')
    vi.stubEnv('BANK_KEY', 'inenv')
    const stored = { kind: 'storedApiKey' } as const
    expect((await send({ ...stored, from: { env: 'BANK_KEY' } })).authorization).toBe('Bearer inenv')
    expect((await send({ ...stored, from: { file } })).authorization).toBe('Bearer infile')
    const missing = await send({ ...stored, from: { env: 'NO_KEY' } })
    expect(missing.result).toMatchObject({
      failure: { noCredentials: true, message: 'the environment variable NO_KEY has no Bedrock API key' },
    })
    const gone = await send({ ...stored, from: { file: join(home, 'none') } })
    expect(gone.result).toMatchObject({ failure: { noCredentials: true } })
  })

  it('is signed by the session of an assumed role', async () => {
    const { authorization, token } = await send(ROLE)
    expect(authorization).toMatch(/Credential=ASIA1\//)
    expect(token).toBe('session1')
    expect(Object.fromEntries(aws.forms[0] ?? [])).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: ROLE_ARN,
      ExternalId: 'quarry-1',
      RoleSessionName: 'quarry',
      'Tags.member.1.Key': 'tenant',
      'Tags.member.1.Value': 'bank',
      'Tags.member.2.Key': 'process',
    })
  })

  it('is signed by the session of a web identity', async () => {
    const tokenFile = join(home, 'token')
    await writeFile(tokenFile, 'jwt')
    const { token } = await send({ kind: 'webIdentity', roleArn: ROLE_ARN, tokenFile, sessionName: 'quarry' })
    expect(token).toBe('session1')
    expect(Object.fromEntries(aws.forms[0] ?? [])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      WebIdentityToken: 'jwt',
    })
  })
})

it('a profile with SSO, as by aws sso login, gives the credentials of its role', async () => {
  const role = {
    accessKeyId: 'ASIASSO',
    secretAccessKey: 's',
    sessionToken: 't',
    expiration: 4_070_908_800_000,
  }
  const sso = await startHttp((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ roleCredentials: role }))
  })
  closes.push(() => sso.stop())
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', `http://127.0.0.1:${sso.port}`)
  await writeFile(
    join(home, 'config'),
    '[profile people]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://example.com/start\n',
  )
  const cache = join(home, '.aws', 'sso', 'cache')
  await mkdir(cache, { recursive: true })
  const token = { accessToken: 'a', expiresAt: '2099-01-01T00:00:00Z' }
  const name = createHash('sha1').update('s').digest('hex')
  await writeFile(join(cache, `${name}.json`), JSON.stringify(token))
  const { authorization } = await send({ kind: 'profile', profile: 'people' })
  expect(authorization).toMatch(/Credential=ASIASSO\//)
})

it('EKS Pod Identity gives the worker’s own credentials, by the token in its file', async () => {
  const asked: (string | undefined)[] = []
  const agent = await startHttp((request, response) => {
    asked.push(request.headers.authorization)
    const given = {
      AccessKeyId: 'ASIAPOD',
      SecretAccessKey: 's',
      Token: 't',
      Expiration: '2099-01-01T00:00:00Z',
    }
    response.end(JSON.stringify(given))
  })
  closes.push(() => agent.stop())
  await writeFile(join(home, 'token'), 'podtoken')
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
  vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${agent.port}/v1/credentials`)
  vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', join(home, 'token'))
  const { authorization } = await send({ kind: 'chain' })
  expect(authorization).toMatch(/Credential=ASIAPOD\//)
  expect(asked).toEqual(['podtoken'])
})

describe('the session of a role', () => {
  it('is shared by all calls, and renewed before it ends', async () => {
    const { get } = sources()
    const all = await Promise.all(Array.from({ length: 50 }, () => get(ROLE)))
    expect(new Set(all.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(['ASIA1']))
    await get({ ...ROLE, sessionTags: { tenant: 'shop' } })
    expect(aws.forms).toHaveLength(2)
    // The SDK renews what ends within five minutes.
    passes(aws.sessionMs - 240_000)
    expect(await get(ROLE)).toMatchObject({ accessKeyId: 'ASIA3' })
  })

  it('is used until it ends while STS throttles, and its jobs notice nothing', async () => {
    const { get, failing } = sources()
    await get(ROLE)
    passes(aws.sessionMs - 240_000)
    aws.refuse = [{ status: 400, code: 'Throttling' }]
    expect(await get(ROLE)).toMatchObject({ accessKeyId: 'ASIA1' })
    expect(failing).toHaveLength(1)
    expect(await get(ROLE)).toMatchObject({ accessKeyId: 'ASIA3' })
  })

  it('is asked for again only after a pause when STS fails, and the failure is that of missing credentials', async () => {
    aws.refuse = [{ status: 403, code: 'AccessDenied' }]
    const { get, failing } = sources({ firstPauseMs: 60_000 })
    for (let times = 0; times < 20; times += 1)
      await expect(get(ROLE)).rejects.toMatchObject({
        name: 'CredentialsProviderError',
        message: 'AccessDenied: no',
      })
    expect(aws.forms).toHaveLength(1)
    expect(failing).toEqual([{ credential: `role:${ROLE_ARN}`, reason: 'AccessDenied: no' }])
  })

  it('ends the job of a task whose own role or keys STS refuses, and only that', async () => {
    const ofTask = { ...ROLE, namedBy: 'task' } as const
    aws.refuse = ['AccessDenied', 'ExpiredToken', 'Throttling'].map((code) => ({ status: 403, code }))
    const results = []
    for (const externalId of ['one', 'two', 'three'])
      results.push((await send({ ...ofTask, externalId })).result)
    expect(results).toMatchObject([
      { failure: { name: 'RoleRefused', beforeSending: true } },
      { failure: { name: 'RoleRefused', beforeSending: true } },
      { failure: { noCredentials: true } },
    ])
    expect(results[0]).not.toHaveProperty('failure.noCredentials')
    expect(aws.calls).toEqual([])
  })
})

describe('the account', () => {
  const ask = (credential: Credential) => {
    const questions = makeAccountQuestions({}, { endpoint: aws.url, refuses: () => false })
    closes.push(() => questions.close())
    return questions.ask(credential, 'eu-west-1')
  }

  it('of a role is that of its ARN, once STS lets it be assumed', async () => {
    expect(await ask({ ...ROLE, namedBy: 'task' })).toEqual({ kind: 'account', id: '111122223333' })
    expect(aws.forms.map((form) => form.get('Action'))).toEqual(['AssumeRole'])
    aws.refuse = [{ status: 403, code: 'AccessDenied' }]
    expect(await ask({ ...ROLE, namedBy: 'task', externalId: 'wrong' })).toEqual({ kind: 'refused' })
  })

  it('of a profile is what STS says', async () => {
    expect(await ask({ kind: 'profile', profile: 'bank' })).toEqual({ kind: 'account', id: CALLERS_ACCOUNT })
  })

  it('of an API key is not asked for', async () => {
    expect(await ask({ kind: 'apiKey', apiKey: 'k' })).toMatchObject({ kind: 'away' })
    expect(aws.forms).toEqual([])
  })
})
