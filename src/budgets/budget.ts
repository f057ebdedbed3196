// Budgets: which of them a job counts to, in which counter and period, and how much a call takes of each. Pure.
//
// Every budget that matches a job counts, not only the first. A budget has one counter, or one for each tenant, process or lane, and
// starts from zero in each period of the UTC calendar. Amounts are whole numbers of tokens or millionths of a dollar, so that sums are
// exact.
import type { Lane } from '../job/lane.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import type { BudgetRule, ProfileRule } from '../rules/lane-rules.ts'
import { fitsEither } from '../rules/model-profiles.ts'
import { fitsProcess } from '../rules/pattern.ts'
import { costUsd, type ModelPrice } from './model-prices.ts'

/** What decides which budgets a job counts to. */
interface Spender {
  readonly tenantId: string
  readonly bpmnProcessId: string
  readonly lane: Lane
}

/** A budget that a job counts to. */
export interface AppliedBudget {
  readonly rule: BudgetRule
  /** Name of the counter: the budget, its unit, and its owner. */
  readonly id: string
  /** The owner if each tenant, process or lane has a counter; null if all share one. */
  readonly of: string | null
  readonly unit: BudgetUnit
  /** In its unit: tokens or micro-dollars. */
  readonly limit: number
}

type BudgetUnit = 'tokens' | 'microUsd'

/** A period, its times in ms since the epoch. */
export interface Period {
  /** `2026-11-26T14`, `2026-11-26` or `2026-11`. */
  readonly label: string
  readonly startMs: number
  /** The first ms after it. */
  readonly endMs: number
}

/** The most tokens that a call may take. */
export interface CallEstimate {
  readonly inputTokens: number
  readonly maxTokens: number
}

/** The least tokens that a sent call counts if its worker died. */
export function leastBilled({ inputTokens }: CallEstimate): TokenUsage {
  return { ...NO_USAGE, input: inputTokens }
}

/** The budgets that a job counts to, in the order of the rules. */
export function budgetsOf(
  rules: readonly BudgetRule[],
  spender: Spender,
  profiles: readonly ProfileRule[] = [],
): readonly AppliedBudget[] {
  const { tenantId, bpmnProcessId, lane } = spender
  return rules
    .filter((rule) => fitsProcess(rule, tenantId, bpmnProcessId) && fitsEither(rule, lane, profiles))
    .map((rule) => applied(rule, spender))
}

/** Zeebe's tenant without multi-tenancy. */
const ONE_TENANT = '<default>'

/**
 * The owner in a counter's name. A process includes its tenant, since another tenant may deploy the same id. The default tenant is left
 * out, as in the counters of earlier versions.
 */
function ownerOf(
  per: NonNullable<BudgetRule['per']>,
  { tenantId, bpmnProcessId, lane }: Spender,
): readonly string[] {
  switch (per) {
    case 'tenant':
      return [tenantId]
    case 'process':
      return tenantId === ONE_TENANT ? [bpmnProcessId] : [tenantId, bpmnProcessId]
    case 'lane':
      return [`${lane.account} ${lane.region} ${lane.model}`]
  }
}

function applied(rule: BudgetRule, spender: Spender): AppliedBudget {
  const owner = rule.per === undefined ? null : ownerOf(rule.per, spender)
  const [first = '', second] = owner ?? []
  const of = owner === null ? null : second === undefined ? first : `${second} of tenant ${first}`
  const unit = rule.usd === undefined ? 'tokens' : 'microUsd'
  const parts = [rule.name, unit, ...(owner === null ? [] : [rule.per ?? '', ...owner])]
  const limit = rule.usd === undefined ? Math.floor(rule.tokens ?? 0) : Math.round(rule.usd * 1e6)
  return { rule, id: parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/'), of, unit, limit }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The period of a time, by the UTC calendar. */
export function periodAt(period: BudgetRule['period'], nowMs: number): Period {
  const text = new Date(nowMs).toISOString()
  if (period === 'month') {
    const label = text.slice(0, 7)
    const startMs = Date.parse(`${label}-01T00:00:00Z`)
    return { label, startMs, endMs: new Date(startMs).setUTCMonth(new Date(startMs).getUTCMonth() + 1) }
  }
  const lengthMs = period === 'hour' ? HOUR_MS : DAY_MS
  const startMs = Math.floor(nowMs / lengthMs) * lengthMs
  return { label: text.slice(0, period === 'hour' ? 13 : 10), startMs, endMs: startMs + lengthMs }
}

/**
 * What a call takes of a budget, in the budget's unit: all input and output tokens, or their price, rounded up to a millionth of a
 * dollar. Always between 0 and the largest safe integer.
 * @param price null if unknown: the call takes nothing of a budget in dollars
 */
export function amountOf(unit: BudgetUnit, usage: TokenUsage, price: ModelPrice | null): number {
  if (unit === 'tokens')
    return bounded(Math.ceil(usage.input + usage.output + usage.cacheRead + usage.cacheWrite))
  // The last digits of a product are rounding noise: without this, 0.3 + 0.6 would be rounded up.
  return price === null ? 0 : bounded(Math.ceil(Number((costUsd(usage, price) * 1e6).toFixed(6))))
}

function bounded(amount: number): number {
  return amount > 0 ? Math.min(amount, Number.MAX_SAFE_INTEGER) : 0
}

/** A counter, in the budget's unit. */
export interface Spent {
  readonly spent: number
  /** Reserved for running calls. */
  readonly held: number
}

/** One budget's answer to a job. */
export type Verdict =
  | 'go'
  /** Running calls have reserved what is left. */
  | 'later'
  /** Nothing is left in this period. */
  | 'usedUp'

/** An amount for people: `1,200 tokens` or `12.50 US dollars`. */
export function amountText(unit: BudgetUnit, amount: number): string {
  if (unit === 'tokens') return `${amount.toLocaleString('en')} tokens`
  const fraction = { minimumFractionDigits: 2, maximumFractionDigits: 6 }
  return `${(amount / 1e6).toLocaleString('en', fraction)} US dollars`
}
