// How the SDK reads the environment: FIPS, dual-stack and profile settings decide where calls go.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bedrockEndpoint } from '../../src/aws/probe-bedrock.ts'

beforeEach(() => {
  // Without the settings of whoever runs the tests.
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  for (const name of [
    'AWS_PROFILE',
    'AWS_USE_FIPS_ENDPOINT',
    'AWS_USE_DUALSTACK_ENDPOINT',
    'AWS_ENDPOINT_URL',
  ])
    vi.stubEnv(name, undefined)
})
afterEach(() => vi.unstubAllEnvs())

describe('calls of a region go to', () => {
  it.each([
    [{}, 'eu-central-1', 'bedrock-runtime.eu-central-1.amazonaws.com'],
    [{ AWS_USE_FIPS_ENDPOINT: 'true' }, 'us-east-1', 'bedrock-runtime-fips.us-east-1.amazonaws.com'],
    [{ AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'us-east-1', 'bedrock-runtime.us-east-1.api.aws'],
    [
      { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'us-east-1',
      'bedrock-runtime-fips.us-east-1.api.aws',
    ],
    [{}, 'cn-north-1', 'bedrock-runtime.cn-north-1.amazonaws.com.cn'],
  ])('with %o in %s: %s', async (environment, region, host) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    expect(await bedrockEndpoint(region, undefined)).toEqual({ protocol: 'https:', host, port: 443 })
  })

  it('the endpoint that is set', async () => {
    expect(await bedrockEndpoint('us-east-1', 'http://localhost:4566')).toEqual({
      ...{ protocol: 'http:', host: 'localhost', port: 4566 },
    })
  })

  it('the endpoint in the AWS profile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quarry-profile-'))
    const file = join(folder, 'config')
    await writeFile(file, '[profile fips]\nuse_fips_endpoint = true\n')
    vi.stubEnv('AWS_CONFIG_FILE', file)
    vi.stubEnv('AWS_PROFILE', 'fips')
    expect(await bedrockEndpoint('us-east-1', undefined)).toMatchObject({
      host: 'bedrock-runtime-fips.us-east-1.amazonaws.com',
    })
    await rm(folder, { recursive: true })
  })
})
