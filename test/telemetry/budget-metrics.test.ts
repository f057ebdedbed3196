import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { costUsd, makePrices } from '../../src/budgets/model-prices.ts'
import { laneName } from '../../src/job/lane.ts'
import { countCost, showBudgets } from '../../src/telemetry/budget-metrics.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const model = 'anthropic.claude-sonnet-4-5-20250929-v1:0'

async function value(registry: Registry, name: string, budget: string): Promise<number | undefined> {
  const metric = await registry.getSingleMetric(name)?.get()
  return metric?.values.find(({ labels }) => labels['budget'] === budget)?.value
}

describe('the gauges of budgets', () => {
  it('show the fullest counter of a budget, in tokens or dollars, until its period ends', async () => {
    const events = makeEvents()
    const registry = new Registry()
    let now = 1_000
    showBudgets(events, [registry], () => now)
    const at = { limit: 5_000_000, untilMs: 2_000 }
    events.emit('budgetSpent', { budget: 'a', unit: 'microUsd', spent: 2_500_000, ...at })
    events.emit('budgetSpent', { budget: 'a', unit: 'microUsd', spent: 1_000_000, ...at })
    events.emit('budgetSpent', { budget: 'b', unit: 'tokens', spent: 7, ...at })
    expect(await value(registry, 'quarry_budget_spent_usd', 'a')).toBe(2.5)
    expect(await value(registry, 'quarry_budget_limit_usd', 'a')).toBe(5)
    expect(await value(registry, 'quarry_budget_spent_tokens', 'b')).toBe(7)
    expect(await value(registry, 'quarry_budget_spent_tokens', 'a')).toBeUndefined()
    now = 2_000
    expect(await value(registry, 'quarry_budget_spent_usd', 'a')).toBeUndefined()
    events.emit('budgetSpent', { budget: 'a', unit: 'microUsd', spent: 10, limit: 5_000_000, untilMs: 3_000 })
    expect(await value(registry, 'quarry_budget_spent_usd', 'a')).toBe(0.00001)
  })
})

describe('the counter of cost', () => {
  it('adds up what calls cost, and nothing for models without a price', async () => {
    const events = makeEvents()
    const registry = new Registry()
    const prices = makePrices()
    countCost(events, registry, (of, usage) => {
      const price = prices(of)
      return price === null ? null : costUsd(usage, price)
    })
    const call = { jobKey: '1' as never, action: 'converse', end: 'ok', reason: 'ok', durationMs: 1 } as const
    for (const of of [model, model, 'a-model-of-tomorrow']) {
      const lane = laneName({ account: 'default', region: 'eu-west-1', model: of })
      events.emit('called', { ...call, lane, inputTokens: 1_000, outputTokens: 100, cacheReadTokens: 1_000 })
    }
    const metric = await registry.getSingleMetric('quarry_cost_usd_total')?.get()
    expect(metric?.values).toHaveLength(1)
    expect(metric?.values[0]).toMatchObject({ labels: { region: 'eu-west-1', model } })
    expect(metric?.values[0]?.value).toBeCloseTo(2 * (0.003 + 0.0015 + 0.0003), 10)
  })
})
