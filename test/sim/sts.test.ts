import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { expect, onTestFinished, test } from 'vitest'
import type { Sim } from '../../sim/sim.ts'
import { ACCOUNT, errorOf, simForTest } from './clients.ts'

const MINUTE = 60_000

/** Asks STS with the real SDK. */
function whoAmI(sim: Sim, given: { accessKeyId?: string; secretAccessKey?: string } = {}) {
  const { region, ...credentials } = { ...ACCOUNT, ...given }
  const requestHandler = new NodeHttpHandler()
  const client = new STSClient({ endpoint: sim.url, region, credentials, requestHandler, maxAttempts: 1 })
  onTestFinished(() => client.destroy())
  return client.send(new GetCallerIdentityCommand({}))
}

test('GetCallerIdentity answers a known key with its account', async () => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' } })
  const { Account, Arn } = await whoAmI(sim)
  expect({ Account, Arn }).toEqual({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/AKIATEST',
  })
  expect(sim.stats().requests).toBe(0)
})

test.each([
  ['another secret', { secretAccessKey: 'other' }, 0, 'SignatureDoesNotMatch'],
  ['a key that is not known', { accessKeyId: 'AKIAOTHER' }, 0, 'InvalidClientTokenId'],
  ['a clock that is off', {}, 6 * MINUTE, 'SignatureDoesNotMatch'],
])('GetCallerIdentity refuses %s as STS does', async (_, given, clockAheadMs, name) => {
  const sim = await simForTest({ credentials: { AKIATEST: 'secret' }, clockAheadMs })
  expect(await errorOf(whoAmI(sim, given))).toMatchObject({ name, $metadata: { httpStatusCode: 403 } })
})

test('answers carry the date of the stand-in’s clock', async () => {
  const sim = await simForTest({ clockAheadMs: -60 * MINUTE })
  const { headers } = await fetch(`${sim.url}/__sim/health`)
  const behindMs = Date.now() - Date.parse(headers.get('date') ?? '')
  expect(Math.round(behindMs / MINUTE)).toBe(60)
})
