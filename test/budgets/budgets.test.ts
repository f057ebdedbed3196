import { expect, it } from 'vitest'
import { whenBudgetsChange } from '../../src/budgets/budgets.ts'
import type { BudgetRule } from '../../src/rules/lane-rules.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

it('a change of budgets is only seen when budgets changed, not when the rest of the lanes file did', () => {
  const events = makeEvents()
  const tight: BudgetRule = { name: 'tight', period: 'day', tokens: 1, action: 'wait' }
  let budgets = [tight]
  let changes = 0
  whenBudgetsChange(
    events,
    () => budgets,
    () => {
      changes += 1
    },
  )
  const load = (loaded: BudgetRule[]) => {
    budgets = loaded
    const counts = { quotas: 0, weights: 0, routes: 0, budgets: budgets.length }
    events.emit('laneRulesLoaded', { path: 'lanes.yaml', ...counts })
    return changes
  }
  expect(load([{ ...tight }])).toBe(0)
  expect(load([{ ...tight, tokens: 2 }])).toBe(1)
  expect(load([{ ...tight, tokens: 2 }])).toBe(1)
  expect(load([])).toBe(2)
})
