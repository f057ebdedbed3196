// The recorded cases, each through real Zeebe, Redis and the AWS SDK (TLS, HTTP/2): what is compared is what the
// stand-in got, what the engine accepted, and how the instance ended.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type QuarryUnderTest, startQuarry } from '../flow/quarry-under-test.ts'
import { differentByChoice } from './different-by-choice.ts'
import { asRecorded, playCase } from './play-case.ts'
import { recordedCases } from './recorded-cases.ts'

// What differs by choice has a test for each in different-by-choice.ts.
const chosen = new Set(differentByChoice.map(({ name }) => name))
const cases = recordedCases.filter(({ name }) => !chosen.has(name))

/** The secrets of the recorded runtime, in its environment. */
const SECRETS = {
  GOLD_ACCESS: 'AKIAGOLDSECRET',
  GOLD_SECRET: 'gold-secret-value',
  GOLD_TEXT: 'text from secret',
  GOLD_MODEL: 'secret-model',
  GOLD_REGION: 'us-west-2',
  GOLD_JSON: '{"a":1}',
  GOLD_QUOTE: 'he said "hi"',
}

let quarry: QuarryUnderTest

beforeAll(async () => {
  Object.assign(process.env, SECRETS)
  quarry = await startQuarry({
    QUARRY_COMPATIBILITY: '8.8',
    ZEEBE_REST_ADDRESS: inject('simUrl'),
    QUARRY_DOCUMENT_ALLOW_HOSTS: new URL(inject('simUrl')).host,
  })
})
afterAll(() => quarry.stop())

describe('the recorded connector and Quarry do the same', () => {
  it('in every recorded case that is not different by choice', () => {
    expect(recordedCases).toHaveLength(152)
    expect(cases.length + chosen.size).toBe(152)
  })

  it.concurrent.each(cases)('$name', async (recorded) => {
    expect(await playCase(quarry, recorded)).toEqual(asRecorded(recorded))
  })
})
