// The recorded cases, each through real Zeebe, Redis and the AWS SDK (TLS, HTTP/2): what is compared is what the
// stand-in got, what the engine accepted, and how the instance ended.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type QuarryUnderTest, startQuarry } from '../flow/quarry-under-test.ts'
import { differentByChoice } from './different-by-choice.ts'
import { asRecorded, playCase } from './play-case.ts'
import { type RecordedCase, recordedCases } from './recorded-cases.ts'

/** What is not there yet. What differs by choice is in different-by-choice.ts, with a test for each. */
const LEFT_OUT: readonly { readonly because: string; readonly which: (recorded: RecordedCase) => boolean }[] =
  [{ because: 'documents come later', which: ({ name }) => name.startsWith('document-') }]

const chosen = new Set(differentByChoice.map(({ name }) => name))
const leftOut = recordedCases.filter((recorded) => LEFT_OUT.some(({ which }) => which(recorded)))
const cases = recordedCases.filter((recorded) => !leftOut.includes(recorded) && !chosen.has(recorded.name))

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
  quarry = await startQuarry({ QUARRY_COMPATIBILITY: '8.8' })
})
afterAll(() => quarry.stop())

describe('the recorded connector and Quarry do the same', () => {
  it('in every recorded case that is not left out or different by choice', () => {
    expect(recordedCases).toHaveLength(152)
    expect(cases.length + leftOut.length + chosen.size).toBe(152)
    const named = (start: string) => cases.filter(({ name }) => name.startsWith(start)).length
    expect([named('converse-'), named('invoke-'), named('result-')]).toEqual([16, 1, 13])
  })

  it.concurrent.each(cases)('$name', async (recorded) => {
    expect(await playCase(quarry, recorded)).toEqual(asRecorded(recorded))
  })
})
