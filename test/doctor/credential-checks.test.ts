// What `quarry doctor` finds about the credentials that the lanes file names.
import { expect, it, onTestFinished, vi } from 'vitest'
import { credentialChecks } from '../../src/cli/doctor-credentials.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { startSmallAws } from '../aws/small-aws.ts'
import { makeLanesFile } from '../flow/lanes-file.ts'

it('each rule of credentials is tried, and a failing one names its place, the reason and a remedy', async () => {
  const file = await makeLanesFile(`
credentials:
  - { tenant: bank, role: { roleArn: "arn:aws:iam::111122223333:role/a", sessionTags: { tenant: "{tenant}" } } }
  - { tenant: "shop-*", role: { roleArn: "arn:aws:iam::111122223333:role/refused" } }
  - { apiKey: { env: QUARRY_TEST_KEY } }
  - { apiKey: { env: QUARRY_TEST_NO_KEY } }
`)
  const aws = await startSmallAws()
  aws.refuse = (form) =>
    form.get('RoleArn')?.endsWith('refused') ? { status: 403, code: 'AccessDenied' } : undefined
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  vi.stubEnv('QUARRY_TEST_KEY', 'ABSKhidden')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await Promise.all([aws.stop(), file.remove()])
  })
  const env = { QUARRY_LANES_FILE: file.path, AWS_ENDPOINT_URL_STS: aws.url }
  const verdicts = await credentialChecks(loadSettings({ env }).settings, 'eu-west-1')
  expect(verdicts.map(({ level }) => level)).toEqual(['ok', 'fault', 'ok', 'fault'])
  expect(verdicts[1]?.text).toMatch(
    /credentials\[1\].*role\/refused gives none \(AccessDenied: no\).*sts:AssumeRole/,
  )
  expect(verdicts[3]?.text).toMatch(/QUARRY_TEST_NO_KEY/)
  expect(JSON.stringify(verdicts)).not.toContain('hidden')
})
