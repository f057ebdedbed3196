// Budgets: which of them a job counts to, by which counter, until when, and how much a call takes of each. Pure.
//
// Each budget that fits a job counts, not only the first. A budget has one counter, or one for each tenant, process or
// lane, and begins anew with each period of the UTC calendar. Amounts are whole: tokens, or millionths of a dollar, so
// that sums are exact.
import type { Lane } from '../job/lane.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import type { BudgetRule, ProfileRule } from '../rules/lane-rules.ts'
import { fitsEither } from '../rules/model-profiles.ts'
import { fitsProcess } from '../rules/pattern.ts'
import { costUsd, type ModelPrice } from './model-prices.ts'

/** What of a job decides which budgets it counts to. */
export interface Spender {
  readonly tenantId: string
  readonly bpmnProcessId: string
  readonly lane: Lane
}

/** A budget as it counts for a job. */
export interface AppliedBudget {
  readonly rule: BudgetRule
  /** Names the counter: the budget, what it counts, and whose it is. */
  readonly id: string
  /** Whose it is where each tenant, process or lane has its own; null where all share it. */
  readonly of: string | null
  readonly unit: BudgetUnit
  /** In its unit: tokens or micro-dollars. */
  readonly limit: number
}

export type BudgetUnit = 'tokens' | 'microUsd'

/** A period, its times in ms since the epoch. */
export interface Period {
  /** `2026-11-26T14`, `2026-11-26` or `2026-11`. */
  readonly label: string
  readonly startMs: number
  /** The first ms that is not in it. */
  readonly endMs: number
}

/** Tokens that a call may take at the most. */
export interface CallEstimate {
  readonly inputTokens: number
  readonly maxTokens: number
}

/** The least that a call counts once it is sent and nobody tells what came of it: that of a worker that died. */
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

/** Zeebe's, where there is but one. */
const ONE_TENANT = '<default>'

/**
 * Whose a budget is, as it names a counter. A process is its tenant's: another may deploy one of the same id. Where there is
 * one tenant its name is left out, as the counters of earlier versions have none.
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

/** The period that a time is in, by the UTC calendar. */
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
 * What a call takes of a budget, in the budget's unit: all input and output tokens, or their price, rounded up to a
 * millionth of a dollar. Never negative, and never more than a number holds exactly, whatever was counted.
 * @param price null where none is known: nothing is taken of a budget in dollars
 */
export function amountOf(unit: BudgetUnit, usage: TokenUsage, price: ModelPrice | null): number {
  if (unit === 'tokens')
    return bounded(Math.ceil(usage.input + usage.output + usage.cacheRead + usage.cacheWrite))
  // The last digits of a product of decimals are noise: without this, 0.3 + 0.6 would be rounded up.
  return price === null ? 0 : bounded(Math.ceil(Number((costUsd(usage, price) * 1e6).toFixed(6))))
}

function bounded(amount: number): number {
  return amount > 0 ? Math.min(amount, Number.MAX_SAFE_INTEGER) : 0
}

/** Where a counter stands, in the budget's unit. */
export interface Spent {
  readonly spent: number
  /** Reserved for calls that run. */
  readonly held: number
}

/** What a job may do, as far as one budget is concerned. */
export type Verdict =
  | 'go'
  /** Calls that run have reserved what is left: their end tells. */
  | 'later'
  /** Nothing is left in this period. */
  | 'usedUp'

/** An amount for people: `1,200 tokens` or `12.50 US dollars`. */
export function amountText(unit: BudgetUnit, amount: number): string {
  if (unit === 'tokens') return `${amount.toLocaleString('en')} tokens`
  const fraction = { minimumFractionDigits: 2, maximumFractionDigits: 6 }
  return `${(amount / 1e6).toLocaleString('en', fraction)} US dollars`
}
