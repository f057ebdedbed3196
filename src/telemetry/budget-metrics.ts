// Metrics of cost and budgets. Tenants and processes are not labels, since there may be many: of a budget with a counter for each,
// the fullest counter is shown.
import { Counter, Gauge, type Registry } from 'prom-client'
import { parseLaneName } from '../job/lane.ts'
import type { TokenUsage } from '../job/token-usage.ts'
import type { Events } from './events.ts'

const UNITS = { tokens: { name: 'tokens', size: 1 }, microUsd: { name: 'usd', size: 1e6 } } as const

interface Shown {
  readonly spent: number
  readonly limit: number
  readonly untilMs: number
}

/** Shows budgets for which this process settled a call in the running period. */
export function showBudgets(
  events: Pick<Events, 'on'>,
  registers: Registry[],
  now: () => number = Date.now,
): void {
  for (const [unit, { name, size }] of Object.entries(UNITS)) {
    const budgets = new Map<string, Shown>()
    const gauge = (what: 'spent' | 'limit', help: string): void => {
      new Gauge({
        name: `quarry_budget_${what}_${name}`,
        help,
        labelNames: ['budget'],
        registers,
        collect() {
          this.reset()
          for (const [budget, shown] of budgets)
            if (shown.untilMs > now()) this.set({ budget }, shown[what] / size)
        },
      })
    }
    gauge(
      'spent',
      'Spent of a budget in this period, by its fullest counter, as this process last saw it: take the maximum over all processes.',
    )
    gauge('limit', 'Limit of each counter of a budget.')
    events.on('budgetSpent', ({ budget, unit: of, spent, limit, untilMs }) => {
      if (of !== unit) return
      const known = budgets.get(budget)
      const fuller = known !== undefined && known.untilMs === untilMs && known.spent > spent
      budgets.set(budget, { spent: fuller ? known.spent : spent, limit, untilMs })
    })
  }
}

/**
 * Counts what calls cost.
 * @param costOf - cost of a call in US dollars; null for a model without a known price
 */
export function countCost(
  events: Pick<Events, 'on'>,
  registry: Registry,
  costOf: (model: string, usage: TokenUsage) => number | null,
): void {
  const cost = new Counter({
    name: 'quarry_cost_usd_total',
    help: 'Cost of calls by the list prices that Quarry knows, in US dollars; models without a price count 0. The bill of AWS may differ.',
    labelNames: ['region', 'model'],
    registers: [registry],
  })
  events.on('called', ({ lane, inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 }) => {
    const { region, model } = parseLaneName(lane)
    const tokens = inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
    if (tokens === 0) return
    const usage = {
      input: inputTokens,
      output: outputTokens,
      cacheRead: cacheReadTokens,
      cacheWrite: cacheWriteTokens,
    }
    const usd = costOf(model, usage)
    if (usd !== null) cost.inc({ region, model }, usd)
  })
}
