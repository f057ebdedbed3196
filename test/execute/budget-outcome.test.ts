import { describe, expect, it } from 'vitest'
import { budgetsOf } from '../../src/budgets/budget.ts'
import { budgetOutcome, budgetWait, budgetWaitError } from '../../src/execute/budget-outcome.ts'

const lane = { account: 'default', region: 'eu-west-1', model: 'm1' }
const [budget] = budgetsOf([{ name: 'drafts', period: 'day', usd: 20, action: 'fail', per: 'process' }], {
  tenantId: 't',
  bpmnProcessId: 'order',
  lane,
})
if (budget === undefined) throw new Error('It fits')
const usedUp = { budget, spent: 20_010_000, untilMs: Date.parse('2026-11-27T00:00:00Z') }
const waited = { waitedMs: 3_600_400, allowedBy: 'QUARRY_MAX_WAIT (PT1H)' }

describe('a job that a budget ends', () => {
  it('becomes a BPMN error that names the budget, the amount, the end of its period, and the remedy', () => {
    const { outcome, errorType } = budgetOutcome(usedUp)
    const errorMessage =
      'The budget drafts of process order of tenant t is used up: 20.01 US dollars of 20.00 US dollars were spent in this day. It begins anew at 2026-11-27T00:00:00Z. Catch this error in the diagram, or raise the budget in the lanes file of Quarry (QUARRY_LANES_FILE).'
    const errorCode = 'QUARRY_BUDGET_EXCEEDED'
    expect(outcome).toEqual({
      kind: 'bpmnError',
      errorCode,
      errorMessage,
      variables: JSON.stringify({ error: { code: errorCode, message: errorMessage } }),
    })
    expect(errorType).toBe('BudgetExceeded')
  })
})

describe('a job that waited for a budget until its patience ended', () => {
  it('fails with the budget that it waited for', () => {
    const last = budgetWait({ budget: 'drafts', usedUp })
    expect(budgetWaitError(JSON.parse(JSON.stringify(last)), waited)).toEqual({
      type: 'java.lang.RuntimeException',
      input: false,
      message:
        'The job waited PT1H, at last for a budget, longer than QUARRY_MAX_WAIT (PT1H) allows. The budget drafts of process order of tenant t is used up: 20.01 US dollars of 20.00 US dollars were spent in this day. It begins anew at 2026-11-27T00:00:00Z. To let such jobs go, raise the budget in the lanes file of Quarry (QUARRY_LANES_FILE).',
    })
  })

  it('fails with it also when only running calls had reserved the rest', () => {
    const last = budgetWait({ budget: 'drafts', usedUp: null })
    expect(budgetWaitError(last, waited)?.message).toContain(
      'have reserved what is left of the budget drafts',
    )
  })

  it('fails with no other error', () => {
    expect(budgetWaitError({ name: 'ThrottlingException', message: 'x' }, waited)).toBeNull()
  })
})
