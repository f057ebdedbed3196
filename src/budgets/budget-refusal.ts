// What becomes of a job that a budget says no to: it ends, or waits and looks again, at a bounded rate however many wait.

import type { Events } from '../telemetry/events.ts'
import type { AppliedBudget } from './budget.ts'
import type { BudgetAnswer } from './budget-store.ts'

/** A budget that has nothing left in its period. */
export interface UsedUpBudget {
  readonly budget: AppliedBudget
  /** In the budget's unit. */
  readonly spent: number
  /** End of the period, ms since the epoch. */
  readonly untilMs: number
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
  /** It ends with `budgetOutcome`. */
  | ({ readonly kind: 'fail' } & UsedUpBudget)
  /** It counts to a budget in dollars, its model has no price, and the operator wants no such calls. */
  | ({ readonly kind: 'unpriced' } & UnpricedCall)

/** A call that a budget in dollars cannot count. */
export interface UnpricedCall {
  readonly budget: string
  readonly model: string
}

/**
 * Jobs that wait for a period check again now and then, in case they missed a change: all together ten times
 * a second for each worker, whatever budgets they wait for, more often only where so many wait that the last would be late.
 */
const LOOKS = { gapMs: 100, leastMs: 30_000, mostMs: 600_000, now: performance.now.bind(performance) }
/** Over so long the jobs that waited for a period come back. */
const RETURN_MS = 5_000
/** A call takes seconds. */
const SPACING = { gapMs: 50, leastMs: 1_000, mostMs: 20_000, now: performance.now.bind(performance) }

/** The answer that decides: one that ends the job before one that lets it wait, and of these the longest. */
export function makeRefuse({ random, events }: { readonly random: () => number; readonly events: Events }) {
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
      tellSpent(events, budget, { spent, passed: 0, untilMs: period.endMs })
      if (usedUp !== null && budget.rule.action === 'fail') return { kind: 'fail', ...usedUp }
      const delayMs = usedUp === null ? callDelay(budget.id) : periodDelay(period.endMs - nowMs)
      if (longest === null || (longest.kind === 'wait' && delayMs > longest.delayMs))
        longest = { kind: 'wait', delayMs, budget: budget.rule.name, usedUp }
    }
    return longest
  }
}

/** Tells what a budget has spent, and what that passes, in percent. */
export function tellSpent(
  events: Events,
  { rule, of, unit, limit }: AppliedBudget,
  { spent, passed, untilMs }: { spent: number; passed: 0 | 80 | 100; untilMs: number },
): void {
  const budget = rule.name
  events.emit('budgetSpent', { budget, unit, spent, limit, untilMs })
  if (passed !== 0) events.emit('budgetPassed', { budget, of, percent: passed, unit, spent, limit, untilMs })
}

export interface Spacing {
  /** Between two looks, ms. */
  readonly gapMs: number
  readonly leastMs: number
  /** Where so many wait that the last would look later, the gap shrinks. */
  readonly mostMs: number
  /** A clock that never goes back, ms. */
  readonly now: () => number
}

/** Things that nobody waits for any more are forgotten when more than this many are known. */
const MOST_KNOWN = 1_000

/** Gives the delay in ms of the next that waits for a thing, by its name. */
export function makeSpacedDelays({ gapMs, leastMs, mostMs, now }: Spacing): (name: string) => number {
  const lastLooks = new Map<string, number>()
  return (name) => {
    const at = now()
    if (lastLooks.size > MOST_KNOWN)
      for (const [known, look] of lastLooks) if (look < at) lastLooks.delete(known)
    const spaced = Math.max(leastMs, (lastLooks.get(name) ?? 0) + gapMs - at)
    const delayMs = Math.ceil(Math.min(mostMs, spaced))
    lastLooks.set(name, at + delayMs)
    return delayMs
  }
}
