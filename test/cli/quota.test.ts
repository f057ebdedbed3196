import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readLaneRules } from '../../src/settings/read-lane-rules.ts'
import { runQuarry } from './run-quarry.ts'
import { startServiceQuotas } from './service-quotas.ts'

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: 'secret' }
const environment = (url: string) => ({ ...CREDENTIALS, AWS_ENDPOINT_URL_SERVICE_QUOTAS: url })
const rpm = (model: string, Value: number) => ({
  QuotaName: `On-demand model inference requests per minute for ${model}`,
  Value,
})

describe('quarry quota import', () => {
  it('reads all pages of each region and writes a file of lane rules', async () => {
    const aws = await startServiceQuotas([
      [rpm('Amazon Nova Lite', 1_000)],
      [],
      [rpm('Amazon Nova Pro', 250)],
    ])
    const folder = await mkdtemp(join(tmpdir(), 'quarry-test-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const out = join(folder, 'lanes.yaml')
    const argv = ['quota', 'import', '--region', 'us-east-1, eu-west-1', '--out', out]
    const { code, stdout, stderr } = await runQuarry(argv, environment(aws.url))
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: `4 quotas of us-east-1, eu-west-1 in ${out}.\n`,
    })
    expect(readLaneRules({ path: out, text: await readFile(out, 'utf8') }).rules?.quotas).toEqual(
      ['us-east-1', 'eu-west-1'].flatMap((region) => [
        { region, model: 'amazon.nova-lite-v1:0', requestsPerMinute: 1_000 },
        { region, model: 'amazon.nova-pro-v1:0', requestsPerMinute: 250 },
      ]),
    )
    expect(aws.asked.map(({ region }) => region)).toEqual([
      ...Array(3).fill('us-east-1'),
      ...Array(3).fill('eu-west-1'),
    ])
    expect(aws.asked[0]).toMatchObject({
      target: 'ServiceQuotasV20190624.ListServiceQuotas',
      body: { ServiceCode: 'bedrock' },
    })
  })

  it('writes to the standard output, for the region of the environment', async () => {
    const aws = await startServiceQuotas([[rpm('Amazon Nova Lite', 7), rpm('Unheard Of', 3)]])
    const env = { ...environment(aws.url), AWS_REGION: 'us-west-2' }
    const { code, stdout } = await runQuarry(['quota', 'import'], env)
    expect(code).toBe(0)
    expect(stdout).toContain(
      '  - { region: us-west-2, model: "amazon.nova-lite-v1:0", requestsPerMinute: 7 }\n',
    )
    expect(stdout).toContain('for Unheard Of: 3 (the model is not known by this name)\n')
  })

  it('ends with 1 when AWS refuses, and names the permission it needs', async () => {
    const aws = await startServiceQuotas([], {
      status: 400,
      type: 'AccessDeniedException',
      message: 'not authorized',
    })
    const { code, stdout, stderr } = await runQuarry(
      ['quota', 'import', '--region', 'us-east-1'],
      environment(aws.url),
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^quarry: AWS Service Quotas of us-east-1 cannot be read \(AccessDeniedException: .*\)\. It takes AWS credentials that may servicequotas:ListServiceQuotas\.\n$/,
    )
  })

  it.each([
    [['quota'], 'Usage: quarry quota '],
    [['quota', 'export'], "unknown command 'export' (Did you mean import?)"],
    [['quota', 'import'], 'of which regions? Give --region, or set AWS_REGION.'],
  ])('%j ends with 2', async (argv, problem) => {
    const { code, stderr } = await runQuarry(argv)
    expect(stderr).toContain(problem)
    expect(code).toBe(2)
  })
})
