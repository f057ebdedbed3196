import { describe, expect, it } from 'vitest'
import { type GatewayDisposition, GatewayError } from '../../src/camunda/gateway-error.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { judgeReport, unstorable } from '../../src/report/report-outcome.ts'

const completed: Outcome = { kind: 'completed', variables: '{"answer":"yes"}' }
const failed: Outcome = {
  kind: 'failed',
  retries: 2,
  retryBackoffMs: 0,
  errorMessage: 'no',
  variables: '{"error":{}}',
}
const refusal = (disposition: GatewayDisposition) =>
  new GatewayError('the gateway said so', { disposition, status: 'X' })

describe('a report', () => {
  it('that Zeebe accepted ends the job, or releases it for another order after a failure', () => {
    expect(judgeReport(completed, null)).toMatchObject({ kind: 'ended', result: 'accepted', state: 'done' })
    expect(judgeReport(failed, null)).toMatchObject({ kind: 'ended', result: 'accepted', state: 'released' })
  })

  it('of a job that Zeebe no longer has ends it, whatever the outcome', () => {
    for (const outcome of [completed, failed]) {
      expect(judgeReport(outcome, refusal('gone'))).toMatchObject({
        kind: 'ended',
        result: 'gone',
        state: 'done',
      })
    }
  })

  it('of a job that another client failed keeps a result until the job comes back', () => {
    expect(judgeReport(completed, refusal('notActive'))).toMatchObject({ state: 'kept' })
    expect(judgeReport(failed, refusal('notActive'))).toMatchObject({ state: 'released' })
  })

  it.each(['later', 'aborted'] as const)('that failed with %s is repeated', (disposition) => {
    expect(judgeReport(completed, refusal(disposition))).toMatchObject({ kind: 'later' })
  })

  it('that is too large becomes an incident with the remedy', () => {
    const end = judgeReport(completed, refusal('tooLarge'))
    expect(end).toMatchObject({ kind: 'instead', outcome: { kind: 'failed', retries: 0 } })
    expect(end.kind === 'instead' && end.outcome.kind === 'failed' && end.outcome.errorMessage).toMatch(
      /16 bytes.*larger than the Zeebe gateway takes.*result expression/,
    )
  })

  it('of a failure that is refused is sent once more without its variables, and then later', () => {
    const end = judgeReport(failed, refusal('rejected'))
    expect(end).toEqual({ kind: 'instead', outcome: { ...failed, variables: '{}' } })
    expect(judgeReport({ ...failed, variables: '{}' }, refusal('rejected'))).toMatchObject({ kind: 'later' })
  })
})

describe('an outcome that Zeebe cannot store', () => {
  it.each(['18446744073709551616', '-9223372036854775809', '123456789012345678901234567890'])(
    'because of the integer %s becomes an incident that names it',
    (integer) => {
      const failure = unstorable({ kind: 'completed', variables: `{"a":[{"id":${integer}}]}` })
      expect(failure).toMatchObject({
        kind: 'failed',
        retries: 0,
        errorMessage: expect.stringContaining(integer),
      })
    },
  )

  it.each([
    '18446744073709551615',
    '-9223372036854775808',
    '1.2345678901234567890123',
    '"123456789012345678901234567890"',
  ])('does not include one with %s', (value) => {
    expect(unstorable({ kind: 'completed', variables: `{"a":${value}}` })).toBeNull()
  })
})
