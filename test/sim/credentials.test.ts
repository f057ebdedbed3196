import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { fromHttp, fromSSO, fromTemporaryCredentials, fromWebToken } from '@aws-sdk/credential-providers'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Sim } from '../../sim/sim.ts'
import { ACCOUNT, converse, errorOf, simForTest } from './clients.ts'

const ROLE = 'arn:aws:iam::222233334444:role/team/bedrock-caller'
const { region, ...OWN } = ACCOUNT

type Provider = NonNullable<NonNullable<ConstructorParameters<typeof BedrockRuntimeClient>[0]>['credentials']>

function bedrock(sim: Sim, credentials: Provider): BedrockRuntimeClient {
  const requestHandler = new NodeHttpHandler()
  const client = new BedrockRuntimeClient({
    endpoint: sim.url,
    region,
    credentials,
    requestHandler,
    maxAttempts: 1,
  } as never)
  onTestFinished(() => client.destroy())
  return client
}

function assumed(sim: Sim, params: Partial<Parameters<typeof fromTemporaryCredentials>[0]['params']> = {}) {
  return fromTemporaryCredentials({
    masterCredentials: OWN,
    params: { RoleArn: ROLE, RoleSessionName: 'quarry', ...params },
    clientConfig: { endpoint: sim.url, region, requestHandler: new NodeHttpHandler(), maxAttempts: 1 },
  })
}

test('the credentials of an assumed role sign calls, and are of its account', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const credentials = await assumed(sim)()
  await bedrock(sim, credentials).send(converse('m1'))
  expect(sim.requests()).toMatchObject([{ accessKey: credentials.accessKeyId, status: 200 }])
  const sts = new STSClient({ endpoint: sim.url, region, credentials, requestHandler: new NodeHttpHandler() })
  onTestFinished(() => sts.destroy())
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '222233334444',
    Arn: 'arn:aws:sts::222233334444:assumed-role/bedrock-caller/quarry',
  })
})

test('what a role was assumed with is listed, without secrets', async () => {
  const sim = await simForTest()
  const credentials = await assumed(sim, {
    ExternalId: 'house-7',
    Tags: [
      { Key: 'tenant', Value: 'a' },
      { Key: 'process', Value: 'p' },
    ],
  })()
  const listed = await (await fetch(`${sim.url}/__sim/credentials`)).json()
  expect(listed).toEqual([
    {
      action: 'AssumeRole',
      roleArn: ROLE,
      sessionName: 'quarry',
      externalId: 'house-7',
      tags: { tenant: 'a', process: 'p' },
      by: 'AKIATEST',
      account: '222233334444',
      accessKeyId: credentials.accessKeyId,
      expiresAt: expect.any(Number),
    },
  ])
})

test('a role with conditions wants its external id and its tags', async () => {
  const sim = await simForTest({
    settings: { roles: [{ role: '*/bedrock-caller', externalId: 'house-7', tags: ['tenant'] }] },
  })
  const Tags = [{ Key: 'tenant', Value: 'a' }]
  expect((await assumed(sim, { ExternalId: 'house-7', Tags })()).sessionToken).toBeDefined()
  for (const wrong of [{ Tags }, { ExternalId: 'house-8', Tags }, { ExternalId: 'house-7' }]) {
    expect(await errorOf(assumed(sim, wrong)())).toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`),
    })
  }
  const other = assumed(sim, { RoleArn: 'arn:aws:iam::1:role/other' })()
  expect((await errorOf(other)).name).toBe('AccessDenied')
})

test('issued credentials need their own token, and end', async () => {
  const sim = await simForTest({ settings: { sessionSeconds: 0.001 } })
  const ended = await assumed(sim)()
  await vi.waitFor(async () => {
    const error = await errorOf(bedrock(sim, ended).send(converse('m1')))
    expect(error.name).toBe('ExpiredTokenException')
  })
  sim.configure({ sessionSeconds: 900 })
  const valid = await assumed(sim)()
  const stolen = { ...valid, sessionToken: 'another' }
  expect((await errorOf(bedrock(sim, stolen).send(converse('m1')))).name).toBe('UnrecognizedClientException')
})

test('all sessions of an account share its quota', async () => {
  const sim = await simForTest({
    settings: { quotas: [{ accessKey: '222233334444', requestsPerMinute: 60 }] },
  })
  await bedrock(sim, await assumed(sim)()).send(converse('m1'))
  const second = bedrock(sim, await assumed(sim, { RoleSessionName: 'another' })())
  expect((await errorOf(second.send(converse('m1')))).name).toBe('ThrottlingException')
})

test('a web identity gives credentials without a signature; an expired one does not', async () => {
  const sim = await simForTest({ credentials: {} })
  const identity = (webIdentityToken: string) =>
    fromWebToken({
      roleArn: ROLE,
      roleSessionName: 'pod-1',
      webIdentityToken,
      clientConfig: { endpoint: sim.url, region, requestHandler: new NodeHttpHandler(), maxAttempts: 1 },
    })
  await bedrock(sim, await identity('a.jwt')()).send(converse('m1'))
  expect(sim.credentials()).toMatchObject([{ action: 'AssumeRoleWithWebIdentity', sessionName: 'pod-1' }])
  expect((await errorOf(identity('expired.jwt')())).name).toBe('ExpiredTokenException')
})

test('Pod Identity gives the credentials of the pod role to who has a token', async () => {
  const sim = await simForTest({ credentials: {}, settings: { podRole: ROLE } })
  const pod = (authorizationToken?: string) =>
    fromHttp({
      awsContainerCredentialsFullUri: `${sim.url}/v1/credentials`,
      ...(authorizationToken !== undefined && { awsContainerAuthorizationToken: authorizationToken }),
      maxRetries: 0,
    })
  await bedrock(sim, await pod('a.jwt')()).send(converse('m1'))
  expect(sim.credentials()).toMatchObject([{ action: 'PodIdentity', roleArn: ROLE, account: '222233334444' }])
  await errorOf(pod()())
})

test('the portal of SSO gives the credentials of a role', async () => {
  const sim = await simForTest({ credentials: {} })
  const home = await mkdtemp(join(tmpdir(), 'quarry-sso-'))
  onTestFinished(() => rm(home, { recursive: true }))
  vi.stubEnv('HOME', home)
  onTestFinished(() => void vi.unstubAllEnvs())
  const startUrl = 'https://example.awsapps.com/start'
  const cache = join(home, '.aws', 'sso', 'cache')
  await mkdir(cache, { recursive: true })
  const token = {
    accessToken: 'token',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    region,
    startUrl,
  }
  await writeFile(
    join(cache, `${createHash('sha1').update(startUrl).digest('hex')}.json`),
    JSON.stringify(token),
  )
  const provider = fromSSO({
    ssoStartUrl: startUrl,
    ssoAccountId: '222233334444',
    ssoRegion: region,
    ssoRoleName: 'Caller',
    clientConfig: { endpoint: sim.url, requestHandler: new NodeHttpHandler(), maxAttempts: 1 },
  })
  await bedrock(sim, await provider()).send(converse('m1'))
  expect(sim.credentials()).toMatchObject([
    { action: 'GetRoleCredentials', roleArn: 'arn:aws:iam::222233334444:role/Caller' },
  ])
})
