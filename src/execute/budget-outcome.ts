// What Zeebe is told of a job that a budget ends: a BPMN error for the diagram to catch. The task's error expression is
// not asked: no diagram may talk its way out of a budget. Pure.
import { stringifyJson } from '../job/json.ts'
import { type AppliedBudget, amountText } from '../pace/budget.ts'
import type { OutcomeFacts } from './store-outcome.ts'

const DEFAULT_CODE = 'QUARRY_BUDGET_EXCEEDED'

/** A budget that has nothing left in its period. */
export interface UsedUpBudget {
  readonly budget: AppliedBudget
  /** In the budget's unit. */
  readonly spent: number
  /** End of the period, ms since the epoch. */
  readonly untilMs: number
}

export function budgetOutcome(usedUp: UsedUpBudget): OutcomeFacts {
  const errorCode = usedUp.budget.rule.errorCode ?? DEFAULT_CODE
  const errorMessage = usedUpText(usedUp)
  const variables = stringifyJson({ error: { code: errorCode, message: errorMessage } })
  return { outcome: { kind: 'bpmnError', errorCode, errorMessage, variables }, errorType: 'BudgetExceeded' }
}

/** Which budget is used up, what was spent of what, until when, and what can be done. */
export function usedUpText({ budget, spent, untilMs }: UsedUpBudget): string {
  const { rule, of, unit, limit } = budget
  const whose = of === null ? '' : ` of ${rule.per ?? ''} ${of}`
  const until = new Date(untilMs).toISOString().replace('.000', '')
  return `The budget ${rule.name}${whose} is used up: ${amountText(unit, spent)} of ${amountText(unit, limit)} were spent in this ${rule.period}. It begins anew at ${until}. Catch this error in the diagram, or raise the budget in the lanes file of Quarry (QUARRY_LANES_FILE).`
}
