// When budgets change: not each time that the lanes file does.
import { isDeepStrictEqual } from 'node:util'
import type { BudgetRule } from '../pace/lane-rules.ts'
import type { Events } from '../telemetry/events.ts'

/** @param current - the budgets of this moment. */
export function whenBudgetsChange(
  events: Events,
  current: () => readonly BudgetRule[],
  act: () => void,
): void {
  let known = current()
  events.on('laneRulesLoaded', () => {
    const before = known
    known = current()
    if (!isDeepStrictEqual(known, before)) act()
  })
}
