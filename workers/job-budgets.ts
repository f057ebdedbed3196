// The budgets of jobs, in the bedrock role. Wiring only.
import { makeBudgetStore } from '../src/budgets/budget-store.ts'
import { type Budgets, makeBudgets } from '../src/budgets/budgets.ts'
import { makePrices } from '../src/budgets/model-prices.ts'
import { longestCallMs, SETTLING_MS } from './call-limits.ts'
import type { ProcessParts } from './role.ts'

export function jobBudgets({ settings, events, redis, keys, name, laneRules }: ProcessParts): Budgets {
  return makeBudgets({
    rules: () => laneRules.current().budgets,
    profiles: () => laneRules.current().profiles ?? [],
    unpriced: () => laneRules.current().unpriced ?? 'count nothing',
    store: makeBudgetStore(redis, keys, {
      holdMs: longestCallMs(settings) + SETTLING_MS,
      worker: name,
    }),
    prices: makePrices(),
    events,
    random: Math.random,
  })
}
