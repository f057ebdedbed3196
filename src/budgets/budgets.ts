// Whether a job may spend: asks all budgets that it counts to, holds what its call may cost, and settles by its real cost.
import { isDeepStrictEqual } from 'node:util'
import { isModelFree, type Lane } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import type { BudgetRule, ProfileRule, UnpricedRule } from '../rules/lane-rules.ts'
import { modelBehind } from '../rules/model-profiles.ts'
import type { Events } from '../telemetry/events.ts'
import {
  type AppliedBudget,
  amountOf,
  budgetsOf,
  type CallEstimate,
  leastBilled,
  periodAt,
} from './budget.ts'
import { makeRefuse, type Refusal, tellSpent } from './budget-refusal.ts'
import type { BudgetAnswer, BudgetHold, BudgetStore } from './budget-store.ts'
import type { ModelPrice } from './model-prices.ts'

/** What one call holds of budgets. */
export interface Hold {
  readonly price: ModelPrice | null
  readonly parts: readonly { readonly budget: AppliedBudget; readonly hold: BudgetHold }[]
}

export type Admission = { readonly kind: 'admitted'; readonly hold: Hold } | Refusal

type AmountOf = (budget: AppliedBudget) => number

type Spending = Pick<QueuedJob, 'tenantId' | 'bpmnProcessId'>

export interface Budgets {
  /** Whether anything is left. Asked before the job is read, so that a waiting job costs little. Null: it may go on. */
  check(job: Spending, lane: Lane): Promise<Refusal | null>
  /**
   * Must be asked just before the call; a grant must be settled, whatever comes of the call. Safe to repeat.
   * @param call a unique name of the call
   */
  admit(job: Spending, lane: Lane, estimate: CallEstimate, call: string): Promise<Admission>
  /** Must be called before the call is sent: if this worker dies, the least that AWS bills is counted. Safe to repeat. */
  send(hold: Hold): Promise<void>
  /**
   * Safe to repeat.
   * @param usage {@link NO_USAGE} for a call that was not sent
   * @param ranModel the called model, if it is not that of the job's lane
   */
  settle(hold: Hold, usage: TokenUsage, ranModel?: string): Promise<void>
}

export interface BudgetParts {
  /** The current rules. */
  readonly rules: () => readonly BudgetRule[]
  /** The current profiles. @default none */
  readonly profiles?: () => readonly ProfileRule[]
  /** The current choice for models without a price. @default count nothing */
  readonly unpriced?: () => UnpricedRule
  readonly store: BudgetStore
  readonly prices: (model: string) => ModelPrice | null
  readonly events: Events
  readonly random: () => number
}

export function makeBudgets(parts: BudgetParts): Budgets {
  const { rules, store, events, profiles } = parts
  const priceFor = makePriceFor(parts)
  const apply = (job: Spending, lane: Lane) => {
    // Calls without a model have no tokens to count, and no price.
    const budgets = isModelFree(lane) ? [] : budgetsOf(rules(), { ...job, lane }, profiles?.())
    return { budgets, price: priceFor(budgets, lane.model) }
  }
  const settle: Budgets['settle'] = async ({ parts: held, price: planned }, usage, ranModel) => {
    const budgets = held.map(({ budget }) => budget)
    const known = ranModel === undefined ? planned : priceFor(budgets, ranModel)
    // A route may lead to a model without a price: then the price of the job's own model counts, as when it was admitted.
    const price = known === 'refused' || known === null ? planned : known
    const settlements = held.map(({ budget: { unit, limit }, hold }) => ({
      hold,
      limit,
      amount: amountOf(unit, usage, price),
    }))
    const settled = await store.settle(settlements)
    for (const [index, { spent, passed }] of settled.entries()) {
      const part = held[index]
      if (part !== undefined)
        tellSpent(events, part.budget, { spent, passed, untilMs: part.hold.period.endMs })
    }
  }
  const ask = (
    budgets: readonly AppliedBudget[],
    name: string | null,
    estimated: { readonly most: AmountOf; readonly least: AmountOf },
  ) =>
    store.reserve(
      budgets.map((budget) => ({
        id: budget.id,
        periodAt: (nowMs: number) => periodAt(budget.rule.period, nowMs),
        limit: budget.rule.action === 'alert' ? null : budget.limit,
        amount: estimated.most(budget),
        least: estimated.least(budget),
      })),
      name,
    )
  const refuse = makeRefuse(parts)
  return {
    settle,
    send: ({ parts: held }) => store.send(held.map(({ hold }) => hold)),
    async check(job, lane) {
      const { budgets: all, price } = apply(job, lane)
      if (price === 'refused') return unpricedCall(all, lane)
      const budgets = all.filter(({ rule }) => rule.action !== 'alert')
      const answers = await ask(budgets, null, { most: () => 0, least: () => 0 })
      return refuse(budgets, answers)
    },
    async admit(job, lane, estimate, call) {
      const { budgets, price } = apply(job, lane)
      if (price === 'refused') return unpricedCall(budgets, lane)
      const least = leastBilled(estimate)
      const most = { ...least, output: estimate.maxTokens }
      const answers = await ask(budgets, call, {
        most: ({ unit }) => amountOf(unit, most, price),
        least: ({ unit }) => amountOf(unit, least, price),
      })
      const hold = { price, parts: heldParts(budgets, answers) }
      const refused = refuse(budgets, answers)
      if (refused === null) return { kind: 'admitted', hold }
      if (hold.parts.length > 0) await settle(hold, NO_USAGE)
      return refused
    },
  }
}

/**
 * The price of a model for budgets in dollars; null if there are none, or if the model counts nothing. Each model without a price is
 * reported once.
 */
function makePriceFor({ prices, profiles, unpriced = () => 'count nothing' as const, events }: BudgetParts) {
  const told = new Set<string>()
  return (budgets: readonly AppliedBudget[], name: string): ModelPrice | 'refused' | null => {
    const inDollars = budgets.find(isInDollars)
    if (inDollars === undefined) return null
    const model = modelBehind(profiles?.(), name)
    const price = prices(model)
    if (price !== null) return price
    const rule = unpriced()
    const counts = rule === 'refuse' ? 'refused' : rule === 'count nothing' ? 'nothing' : 'unpriced'
    if (!told.has(name) && told.size < MOST_TOLD) {
      told.add(name)
      events.emit('budgetUnpriced', { model: name, budget: inDollars.rule.name, counts })
    }
    if (rule === 'refuse') return 'refused'
    return rule === 'count nothing' ? null : { model, ...rule }
  }
}

/** Diagrams choose model names, so there may be any number. */
const MOST_TOLD = 1_000

const isInDollars = ({ unit }: AppliedBudget): boolean => unit === 'microUsd'

function unpricedCall(budgets: readonly AppliedBudget[], { model }: Lane): Refusal {
  return { kind: 'unpriced', budget: budgets.find(isInDollars)?.rule.name ?? '', model }
}

function heldParts(budgets: readonly AppliedBudget[], answers: readonly BudgetAnswer[]): Hold['parts'] {
  return budgets.flatMap((budget, index) => {
    const hold = answers[index]?.hold
    return hold ? [{ budget, hold }] : []
  })
}

/**
 * Acts when budgets change, and not at other changes of the lanes file.
 * @param current - the current budgets.
 */
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
