import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../src/job/outcome.ts'
import { openOutcome } from '../../src/report/report-entry.ts'
import { secretLost } from '../../src/report/report-outcome.ts'
import { SecretGone } from '../../src/secrets/sealed-outcome.ts'

const OUTCOME: Outcome = { kind: 'completed', variables: '{}' }
const GONE = "Secret with name 'A' is not available"

describe('an outcome', () => {
  test('can be opened with its secrets', async () => {
    expect(await openOutcome(async () => OUTCOME, 'x')).toEqual({ kind: 'open', outcome: OUTCOME })
  })

  test('stays sealed while a source of secrets is unreachable', async () => {
    const away = () => Promise.reject(new Error('Console is away'))
    expect(await openOutcome(away, 'x')).toEqual({ kind: 'shut', reason: 'Console is away', gone: false })
  })

  test('stays sealed, and is marked, when a source no longer has a secret', async () => {
    const gone = () => Promise.reject(new SecretGone(GONE))
    expect(await openOutcome(gone, 'x')).toEqual({ kind: 'shut', reason: GONE, gone: true })
  })

  test('whose secret is lost for good becomes an incident that names it', () => {
    expect(secretLost(GONE)).toMatchObject({
      kind: 'failed',
      retries: 0,
      errorMessage: expect.stringContaining(GONE),
    })
  })
})
