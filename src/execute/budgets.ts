// Whether a job may be paid for: asks all budgets that it counts to, holds what its call may take, and puts what it really
// took in its place.
import type { Lane } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { type AppliedBudget, amountOf, budgetsOf, periodAt } from '../pace/budget.ts'
import type { BudgetRule, ProfileRule, UnpricedRule } from '../pace/lane-rules.ts'
import type { ModelPrice } from '../pace/model-prices.ts'
import { modelBehind } from '../pace/model-profiles.ts'
import type { BudgetAnswer, BudgetHold, BudgetStore } from '../redis/budget-store.ts'
import type { Events } from '../telemetry/events.ts'
import type { UsedUpBudget } from './budget-outcome.ts'
import { leastBilled } from './call-tokens.ts'
import { makeSpacedDelays } from './spaced-delays.ts'

/** Tokens that a call may take at the most. */
export interface CallEstimate {
  readonly inputTokens: number
  readonly maxTokens: number
}

/** What is held of budgets for one call. */
export interface Hold {
  readonly price: ModelPrice | null
  readonly parts: readonly { readonly budget: AppliedBudget; readonly hold: BudgetHold }[]
}

/** The job does not run now. */
export type Refusal =
  /** It counts as no attempt; `usedUp` is null while only calls that run hold what is left. */
  | {
      readonly kind: 'wait'
      readonly delayMs: number
      readonly budget: string
      readonly usedUp: UsedUpBudget | null
    }
  /** It ends with {@link budgetOutcome}. */
  | ({ readonly kind: 'fail' } & UsedUpBudget)
  /** It counts to a budget in dollars, its model has no price, and the operator wants no such calls. */
  | ({ readonly kind: 'unpriced' } & UnpricedCall)

export type Admission = { readonly kind: 'admitted'; readonly hold: Hold } | Refusal

/** A call that a budget in dollars cannot count. */
export interface UnpricedCall {
  readonly budget: string
  readonly model: string
}

type AmountOf = (budget: AppliedBudget) => number

type Spending = Pick<QueuedJob, 'tenantId' | 'bpmnProcessId'>

export interface Budgets {
  /** Whether anything is left, before the job is read: a job that waits costs little. Null: it may go on. */
  check(job: Spending, lane: Lane): Promise<Refusal | null>
  /**
   * To be asked just before the call; what it gives has to be settled, whatever comes of the call. Safe to repeat.
   * @param call a name that no other call has
   */
  admit(job: Spending, lane: Lane, estimate: CallEstimate, call: string): Promise<Admission>
  /** To be told before the call is sent: should this worker die, it counts the least that AWS bills. Safe to repeat. */
  send(hold: Hold): Promise<void>
  /**
   * Safe to repeat.
   * @param usage {@link NO_USAGE} for a call that was not sent
   * @param ranModel the model that was called, where it is not that of the job's lane
   */
  settle(hold: Hold, usage: TokenUsage, ranModel?: string): Promise<void>
}

export interface BudgetParts {
  /** The rules of this moment. */
  readonly rules: () => readonly BudgetRule[]
  /** Of this moment. @default none */
  readonly profiles?: () => readonly ProfileRule[]
  /** Of this moment. @default count nothing */
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
    const budgets = budgetsOf(rules(), { ...job, lane }, profiles?.())
    return { budgets, price: priceFor(budgets, lane.model) }
  }
  const settle: Budgets['settle'] = async ({ parts: held, price: planned }, usage, ranModel) => {
    const budgets = held.map(({ budget }) => budget)
    const known = ranModel === undefined ? planned : priceFor(budgets, ranModel)
    // A route may lead to a model without a price: the call was admitted at that of its own.
    const price = known === 'refused' || known === null ? planned : known
    const settlements = held.map(({ budget: { unit, limit }, hold }) => ({
      hold,
      limit,
      amount: amountOf(unit, usage, price),
    }))
    const settled = await store.settle(settlements)
    for (const [index, { spent, passed }] of settled.entries()) {
      const part = held[index]
      if (part !== undefined) tell(events, part.budget, { spent, passed, untilMs: part.hold.period.endMs })
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
 * The price of a model for the budgets that count dollars; null where none do, or where it counts nothing. A model without a
 * price is told once.
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

/** Names of models are made by diagrams. */
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
 * Jobs that wait for a period look again now and then, in case that what changed was not told them: all together ten times
 * a second for each worker, whatever budgets they wait for, more often only where so many wait that the last would be late.
 */
const LOOKS = { gapMs: 100, leastMs: 30_000, mostMs: 600_000, now: performance.now.bind(performance) }
/** Over so long the jobs that waited for a period come back. */
const RETURN_MS = 5_000
/** A call takes seconds. */
const SPACING = { gapMs: 50, leastMs: 1_000, mostMs: 20_000, now: performance.now.bind(performance) }

/** The answer that decides: one that ends the job before one that lets it wait, and of these the longest. */
function makeRefuse({ random, events }: BudgetParts) {
  const callDelay = makeSpacedDelays(SPACING)
  const lookDelay = makeSpacedDelays(LOOKS)
  const periodDelay = (remainingMs: number): number => {
    const untilNext = Math.max(0, remainingMs) + 1 + random() * RETURN_MS
    return Math.ceil(untilNext <= LOOKS.leastMs ? untilNext : Math.min(lookDelay('any'), untilNext))
  }
  return (budgets: readonly AppliedBudget[], answers: readonly BudgetAnswer[]): Refusal | null => {
    let longest: Refusal | null = null
    for (const [index, budget] of budgets.entries()) {
      const answer = answers[index]
      if (answer === undefined || answer.verdict === 'go') continue
      const { spent, nowMs, period } = answer
      const usedUp = answer.verdict === 'usedUp' ? { budget, spent, untilMs: period.endMs } : null
      tell(events, budget, { spent, passed: 0, untilMs: period.endMs })
      if (usedUp !== null && budget.rule.action === 'fail') return { kind: 'fail', ...usedUp }
      const delayMs = usedUp === null ? callDelay(budget.id) : periodDelay(period.endMs - nowMs)
      if (longest === null || (longest.kind === 'wait' && delayMs > longest.delayMs))
        longest = { kind: 'wait', delayMs, budget: budget.rule.name, usedUp }
    }
    return longest
  }
}

function tell(
  events: Events,
  { rule, of, unit, limit }: AppliedBudget,
  { spent, passed, untilMs }: { spent: number; passed: 0 | 80 | 100; untilMs: number },
): void {
  const budget = rule.name
  events.emit('budgetSpent', { budget, unit, spent, limit, untilMs })
  if (passed !== 0) events.emit('budgetPassed', { budget, of, percent: passed, unit, spent, limit, untilMs })
}
