// The outcome of a job that a budget ends, at once or after `QUARRY_MAX_WAIT`. Pure.

import { amountText } from '../budgets/budget.ts'
import type { UnpricedCall, UsedUpBudget } from '../budgets/budget-refusal.ts'
import { type ConnectorError, inputError, javaError, RUNTIME } from '../connector/connector-error.ts'
import { BUDGET_WAIT, type CallFailure } from '../job/call-failure.ts'
import { formatDuration } from '../job/duration.ts'
import { stringifyJson } from '../job/json.ts'
import { BUDGET_ERROR_CODE } from '../rules/lane-rules.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/**
 * A BPMN error for the diagram to catch. The task's error expression is not evaluated, so that no diagram can bypass a budget.
 */
export function budgetOutcome(usedUp: UsedUpBudget): OutcomeFacts {
  const errorCode = usedUp.budget.rule.errorCode ?? BUDGET_ERROR_CODE
  const errorMessage = `${usedUpText(usedUp)} Catch this error in the diagram, or ${RAISE}`
  const variables = stringifyJson({ error: { code: errorCode, message: errorMessage } })
  return { outcome: { kind: 'bpmnError', errorCode, errorMessage, variables }, errorType: 'BudgetExceeded' }
}

const RAISE = 'raise the budget in the lanes file of Quarry (QUARRY_LANES_FILE).'

/** The used-up budget, its amounts, and when it begins anew. */
function usedUpText({ budget, spent, untilMs }: UsedUpBudget): string {
  const { rule, of, unit, limit } = budget
  const whose = of === null ? '' : ` of ${rule.per ?? ''} ${of}`
  const until = new Date(untilMs).toISOString().replace('.000', '')
  return `The budget ${rule.name}${whose} is used up: ${amountText(unit, spent)} of ${amountText(unit, limit)} were spent in this ${rule.period}. It begins anew at ${until}.`
}

/** Without retries: each retry would be refused, too, until somebody changes the lanes file. */
export function unpricedError({ model, budget }: UnpricedCall): ConnectorError {
  return inputError(
    `Nothing was called: Quarry knows no price of the model ${model}, so the budget ${budget}, which counts US dollars, cannot count it, and the lanes file (QUARRY_LANES_FILE) says \`unpriced: refuse\`. Say there which model it stands for (\`profiles\`), what such models cost (\`unpriced: { input: …, output: … }\`), or give it a budget in tokens; then resolve the incident.`,
  )
}

/** Why a job waits for a budget, as stored with the job. */
export function budgetWait(refusal: { budget: string; usedUp: UsedUpBudget | null }): CallFailure {
  const { budget, usedUp } = refusal
  const message =
    usedUp === null
      ? `The calls that run have reserved what is left of the budget ${budget}.`
      : usedUpText(usedUp)
  return { name: BUDGET_WAIT, message }
}

/** The error of a job whose wait ended while it waited for a budget; null for other jobs. */
export function budgetWaitError(
  last: CallFailure,
  { waitedMs, allowedBy }: { waitedMs: number; allowedBy: string },
): ConnectorError | null {
  if (last.name !== BUDGET_WAIT) return null
  const waited = formatDuration(Math.round(waitedMs / 1_000) * 1_000)
  return javaError(
    RUNTIME,
    `The job waited ${waited}, at last for a budget, longer than ${allowedBy} allows. ${last.message} To let such jobs go, ${RAISE}`,
  )
}
