import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { makeAwsHttp } from '../../src/aws/aws-http.ts'
import { describeFailure } from '../../src/aws/call-failure.ts'
import { lasting, makeCredentialChain } from '../../src/aws/credential-chain.ts'
import { makeTrust, startHttp, startProxy, startTls11 } from './servers.ts'

const keys = { accessKeyId: 'AKIAKNOWN', secretAccessKey: 'secret' }

function failing(error: unknown) {
  return lasting(() => Promise.reject(error))().then(
    () => expect.fail('no error'),
    (thrown: unknown) => describeFailure(thrown, false),
  )
}

describe('credentials that are not to be had', () => {
  it.each([
    [
      'STS refuses',
      Object.assign(new Error('not authorized'), { name: 'AccessDenied' }),
      'AccessDenied: not authorized',
    ],
    [
      'STS throttles',
      Object.assign(new Error('Rate exceeded'), {
        name: 'ThrottlingException',
        $metadata: { httpStatusCode: 400 },
      }),
      'ThrottlingException: Rate exceeded',
    ],
    [
      'IMDS is silent',
      Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' }),
      'connect ETIMEDOUT',
    ],
    ['nothing is set', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'none'],
    ['something odd is thrown', 'odd', 'odd'],
  ])('fail as missing credentials, with the reason: %s', async (_why, error, message) => {
    expect(await failing(error)).toEqual({ name: 'CredentialsProviderError', message, noCredentials: true })
  })

  it('are reported without the arguments and the output of a command', async () => {
    const failed = await failing(new Error('Command failed: get-keys --token hunter2\nhunter3'))
    expect(failed).toMatchObject({ noCredentials: true, message: expect.not.stringMatching(/hunter/) })
    const printed = await failing(new SyntaxError('Unexpected token \'A\', "AKIAHUNTER" is not valid JSON'))
    expect(printed).toMatchObject({ noCredentials: true, message: expect.not.stringMatching(/HUNTER/) })
  })
})

describe('credentials that cannot be renewed', () => {
  it('are used until they expire', async () => {
    const expiration = new Date(Date.now() + 60_000)
    let calls = 0
    const chain = lasting(async () => {
      calls += 1
      if (calls > 1) throw new Error('STS is away')
      return { ...keys, expiration }
    })
    expect(await chain()).toMatchObject(keys)
    expect(await chain()).toMatchObject(keys)
    expiration.setTime(Date.now() - 1)
    await expect(chain()).rejects.toThrow('STS is away')
  })
})

describe('the chain reaches AWS the way that Bedrock is reached:', () => {
  let home: string
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'quarry-home-'))
    vi.stubEnv('HOME', home)
    const names = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_PROFILE',
      'AWS_ENDPOINT_URL',
    ]
    for (const name of names) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'))
    await writeFile(join(home, 'config'), '')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    if (home !== undefined) await rm(home, { recursive: true })
  })

  const TOKENS = `<AccessKeyId>ASIAGIVEN</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`
  const answerOf = (action: string) =>
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>${TOKENS}</Credentials><AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser></${action}Result></${action}Response>`

  /** A stand-in for STS and SSO that only a proxy leads to. */
  async function behindProxy(type: string, answer: string) {
    const trust = await makeTrust()
    const server = await startTls11(trust, (_request, response) => {
      response.setHeader('content-type', type).end(answer)
    })
    const proxy = await startProxy(200, undefined, `127.0.0.1:${server.port}`)
    const http = makeAwsHttp({ caBundle: trust.caBundle, httpsProxy: proxy.url })
    onTestFinished(async () => {
      http.close()
      await Promise.all([server.stop(), proxy.stop(), trust.remove()])
    })
    return { chain: makeCredentialChain(http), proxy }
  }

  it('a role of the AWS profile', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'https://localhost:1')
    vi.stubEnv('AWS_PROFILE', 'worker')
    await writeFile(
      join(home, 'config'),
      '[profile worker]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = base\n[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s\n',
    )
    const { chain, proxy } = await behindProxy('text/xml', answerOf('AssumeRole'))
    expect(await chain()).toMatchObject({ accessKeyId: 'ASIAGIVEN' })
    expect(proxy.asked).toEqual(['CONNECT localhost:1'])
  })

  it('a web identity, as on Kubernetes', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'https://localhost:1')
    await writeFile(join(home, 'token'), 'token')
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(home, 'token'))
    vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::111122223333:role/r')
    const { chain, proxy } = await behindProxy('text/xml', answerOf('AssumeRoleWithWebIdentity'))
    expect(await chain()).toMatchObject({ accessKeyId: 'ASIAGIVEN' })
    expect(proxy.asked).toEqual(['CONNECT localhost:1'])
  })

  it('SSO', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SSO', 'https://localhost:1')
    vi.stubEnv('AWS_PROFILE', 'people')
    await writeFile(
      join(home, 'config'),
      '[profile people]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://example.com/start\n',
    )
    const cache = join(home, '.aws', 'sso', 'cache')
    await mkdir(cache, { recursive: true })
    const name = createHash('sha1').update('s').digest('hex')
    const token = { accessToken: 'a', expiresAt: '2099-01-01T00:00:00Z' }
    await writeFile(join(cache, `${name}.json`), JSON.stringify(token))
    const role = {
      accessKeyId: 'ASIAGIVEN',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: 4_070_908_800_000,
    }
    const { chain, proxy } = await behindProxy('application/json', JSON.stringify({ roleCredentials: role }))
    expect(await chain()).toMatchObject({ accessKeyId: 'ASIAGIVEN' })
    expect(proxy.asked).toEqual(['CONNECT localhost:1'])
  })

  it('but addresses of this host, such as a container’s credentials, bypass the proxy', async () => {
    const own = {
      AccessKeyId: 'ASIAOWN',
      SecretAccessKey: 's',
      Token: 't',
      Expiration: '2099-01-01T00:00:00Z',
    }
    const container = await startHttp((_request, response) => response.end(JSON.stringify(own)))
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${container.port}/`)
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
    const http = makeAwsHttp({ httpProxy: 'http://127.0.0.1:1', httpsProxy: 'http://127.0.0.1:1' })
    expect(await makeCredentialChain(http)()).toMatchObject({ accessKeyId: 'ASIAOWN' })
    http.close()
    await container.stop()
  })
})
