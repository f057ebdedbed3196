import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountOf, amountText, budgetsOf, periodAt } from '../../src/budgets/budget.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import type { BudgetRule } from '../../src/rules/lane-rules.ts'
import { verdict } from './model/budget.ts'

const lane = { account: 'default', region: 'eu-west-1', model: 'anthropic.claude-3-haiku-20240307-v1:0' }
const spender = { tenantId: 'gold', bpmnProcessId: 'order', lane }
const rule = (name: string, rest: Partial<BudgetRule> = {}): BudgetRule => ({
  name,
  period: 'day',
  tokens: 1_000,
  action: 'wait',
  ...rest,
})
const names = (rules: readonly BudgetRule[]) => budgetsOf(rules, spender).map(({ rule: { name } }) => name)
const idOf = (of: BudgetRule, by = spender) => budgetsOf([of], by)[0]?.id

describe('the budgets of a job', () => {
  it('are all those whose patterns match the job', () => {
    const rules = [
      rule('all'),
      rule('gold', { tenant: 'gold' }),
      rule('silver', { tenant: 'silver' }),
      rule('orders', { process: 'ord*', region: 'eu-*' }),
      rule('opus', { model: '*opus*' }),
    ]
    expect(names(rules)).toEqual(['all', 'gold', 'orders'])
  })

  it('have one counter, or one for each value of their `per`', () => {
    const silver = { ...spender, tenantId: 'silver' }
    expect(idOf(rule('a'))).toBe(idOf(rule('a'), silver))
    expect(idOf(rule('a', { per: 'tenant' }))).not.toBe(idOf(rule('a', { per: 'tenant' }), silver))
    expect(idOf(rule('a', { per: 'process' }))).not.toBe(idOf(rule('a', { per: 'process' }), silver))
    const { tokens: _, ...money } = rule('a', { usd: 1 })
    expect(idOf(money)).not.toBe(idOf(rule('a')))
  })

  it('keep the counter of earlier versions for a process in a single-tenant installation', () => {
    const alone = { ...spender, tenantId: '<default>' }
    expect(idOf(rule('a', { per: 'process' }), alone)).toBe('a/tokens/process/order')
  })

  it('match an inference profile by the model behind it', () => {
    const lane = {
      ...spender.lane,
      model: 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/hq2abc',
    }
    const profiles = [{ profile: '*/hq2*', model: 'anthropic.claude-opus-4-1-20250805-v1:0' }]
    const rules = [
      rule('opus', { model: '*opus*' }),
      rule('profile', { model: 'arn:*' }),
      rule('other', { model: '*haiku*' }),
    ]
    const fitting = budgetsOf(rules, { ...spender, lane }, profiles)
    expect(fitting.map(({ rule: { name } }) => name)).toEqual(['opus', 'profile'])
    expect(budgetsOf(rules, { ...spender, lane })).toHaveLength(1)
  })

  it('never share the counters of processes of different tenants, however these are named', () => {
    const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', '/', '%', '2', 'F', ' ', '<') })
    const ownerOf = fc.tuple(fc.oneof(name, fc.constant('<default>')), name)
    fc.assert(
      fc.property(ownerOf, ownerOf, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other))
        const id = ([tenantId, bpmnProcessId]: [string, string]) =>
          idOf(rule('a/b', { per: 'process' }), { ...spender, tenantId, bpmnProcessId })
        expect(id(one)).not.toBe(id(other))
      }),
    )
  })

  it('never share the counters of different tenants, however these are named', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', '{', '}', 'é', '\ud800') })
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one.toWellFormed() !== other.toWellFormed())
        const per = rule('a/b', { per: 'tenant' })
        const id = idOf(per, { ...spender, tenantId: one })
        expect(id).not.toBe(idOf(per, { ...spender, tenantId: other }))
        // A brace would end the hash tag of a Cluster's key.
        expect(id).not.toMatch(/[{}]/)
      }),
    )
  })

  it('are counted in whole tokens and millionths of a dollar', () => {
    expect(budgetsOf([rule('a', { tokens: 10.5 })], spender)[0]).toMatchObject({ unit: 'tokens', limit: 10 })
    const { tokens: _, ...money } = rule('a', { usd: 0.1 + 0.2 })
    expect(budgetsOf([money], spender)[0]).toMatchObject({ unit: 'microUsd', limit: 300_000 })
  })
})

describe('a period', () => {
  it('follows the UTC calendar', () => {
    const now = Date.parse('2028-02-29T23:59:59.999Z')
    expect(periodAt('hour', now)).toEqual({
      label: '2028-02-29T23',
      startMs: Date.parse('2028-02-29T23:00:00Z'),
      endMs: now + 1,
    })
    expect(periodAt('day', now)).toEqual({
      label: '2028-02-29',
      startMs: Date.parse('2028-02-29T00:00:00Z'),
      endMs: now + 1,
    })
    expect(periodAt('month', now)).toEqual({
      label: '2028-02',
      startMs: Date.parse('2028-02-01T00:00:00Z'),
      endMs: now + 1,
    })
    expect(periodAt('month', Date.parse('2026-12-31T12:00:00Z')).endMs).toBe(
      Date.parse('2027-01-01T00:00:00Z'),
    )
  })

  it('contains its time, and the next one begins where it ends', () => {
    const times = fc.integer({ min: 0, max: Date.parse('2100-01-01T00:00:00Z') })
    fc.assert(
      fc.property(fc.constantFrom('hour', 'day', 'month'), times, (kind, now) => {
        const { label, startMs, endMs } = periodAt(kind, now)
        expect(startMs).toBeLessThanOrEqual(now)
        expect(endMs).toBeGreaterThan(now)
        expect(periodAt(kind, endMs - 1).label).toBe(label)
        expect(periodAt(kind, endMs).startMs).toBe(endMs)
        expect(periodAt(kind, endMs).label).not.toBe(label)
      }),
    )
  })
})

describe('an amount', () => {
  const price = { model: '*', input: 0.3, output: 0.6, cacheRead: 0.03, cacheWrite: 0.375 }
  const usage = fc.record({
    input: fc.nat(1e6),
    output: fc.nat(1e6),
    cacheRead: fc.nat(1e6),
    cacheWrite: fc.nat(1e6),
  })

  it('in tokens counts all tokens of the call', () => {
    expect(amountOf('tokens', { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 }, null)).toBe(10)
  })

  it('in dollars is a whole number of millionths, rounded up from the price', () => {
    fc.assert(
      fc.property(usage, (of) => {
        // In thousandths of the unit, where all of these prices are whole.
        const exact = 300 * of.input + 600 * of.output + 30 * of.cacheRead + 375 * of.cacheWrite
        expect(amountOf('microUsd', of, price)).toBe(Math.ceil(exact / 1_000))
      }),
    )
  })

  it('in dollars is zero for a model without a price, and for a call that was not made', () => {
    expect(amountOf('microUsd', { ...NO_USAGE, input: 1_000 }, null)).toBe(0)
    expect(amountOf('microUsd', NO_USAGE, price)).toBe(0)
  })

  it('is never negative, and never above the largest exact integer', () => {
    for (const unit of ['tokens', 'microUsd'] as const) {
      expect(amountOf(unit, { ...NO_USAGE, output: -1_000 }, price)).toBe(0)
      expect(amountOf(unit, { ...NO_USAGE, output: 1e300 }, price)).toBe(Number.MAX_SAFE_INTEGER)
      expect(amountOf(unit, { ...NO_USAGE, output: Number.NaN }, price)).toBe(0)
    }
  })

  it('is formatted for people', () => {
    expect(amountText('tokens', 1_234_567)).toBe('1,234,567 tokens')
    expect(amountText('microUsd', 12_500_000)).toBe('12.50 US dollars')
    expect(amountText('microUsd', 1)).toBe('0.000001 US dollars')
  })
})

describe('a budget', () => {
  const calls = fc.array(
    fc.record({
      estimate: fc.nat(500),
      real: fc.double({ min: 0, max: 1, noNaN: true }),
      first: fc.boolean(),
    }),
    { maxLength: 60 },
  )

  it('is exceeded by less than one call, however calls run beside each other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), calls, (limit, schedule) => {
        let spent = 0
        const running: { estimate: number; real: number }[] = []
        for (const { estimate, real, first } of schedule) {
          const ended = first ? running.shift() : undefined
          spent += ended?.real ?? 0
          const held = running.reduce((sum, call) => sum + call.estimate, 0)
          const said = verdict({ spent, held }, estimate, limit)
          if (said === 'go') running.push({ estimate, real: Math.round(estimate * real) })
          // Nothing waits for calls that do not run.
          if (said === 'later') expect(running.length).toBeGreaterThan(0)
          expect(said === 'usedUp').toBe(spent >= limit)
        }
        for (const { real } of running) spent += real
        expect(spent).toBeLessThan(limit + 500)
      }),
    )
  })

  it('admits a call that is larger than the whole budget, alone', () => {
    expect(verdict({ spent: 0, held: 0 }, 5_000, 1_000)).toBe('go')
    expect(verdict({ spent: 0, held: 1 }, 5_000, 1_000)).toBe('later')
    expect(verdict({ spent: 1_000, held: 0 }, 1, 1_000)).toBe('usedUp')
  })
})
