// What becomes of a job that a budget refuses: it ends, or waits and asks again, at a bounded rate however many jobs wait.

import type { Events } from '../telemetry/events.ts'
import type { AppliedBudget } from './budget.ts'
import type { BudgetAnswer } from './budget-store.ts'

/** A budget with nothing left in its period. */
export interface UsedUpBudget {
  readonly budget: AppliedBudget
  /** In the budget's unit. */
  readonly spent: number
  /** End of the period, ms since the epoch. */
  readonly untilMs: number
}

/** The job does not run now. */
export type Refusal =
  /** Counts as no attempt. `usedUp` is null if running calls hold what is left. */
  | {
      readonly kind: 'wait'
      readonly delayMs: number
      readonly budget: string
      readonly usedUp: UsedUpBudget | null
    }
  /** It ends with `budgetOutcome`. */
  | ({ readonly kind: 'fail' } & UsedUpBudget)
  /** It counts to a budget in dollars, its model has no price, and the operator refuses such calls. */
  | ({ readonly kind: 'unpriced' } & UnpricedCall)

/** A call that a budget in dollars cannot count. */
export interface UnpricedCall {
  readonly budget: string
  readonly model: string
}

/**
 * Jobs that wait for a period ask again now and then, in case they missed a change: all of a worker's jobs together ten times a second,
 * more often only if so many wait that the last would be late.
 */
const LOOKS = { gapMs: 100, leastMs: 30_000, mostMs: 600_000, now: performance.now.bind(performance) }
/** Time over which jobs that waited for a period come back. */
const RETURN_MS = 5_000
/** A call takes seconds. */
const SPACING = { gapMs: 50, leastMs: 1_000, mostMs: 20_000, now: performance.now.bind(performance) }

/** The answer that decides: an end before a wait, and of several waits the longest. */
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

/** Reports a budget's spending, and the share of its limit that it passed, in percent. */
export function tellSpent(
  events: Events,
  { rule, of, unit, limit }: AppliedBudget,
  { spent, passed, untilMs }: { spent: number; passed: 0 | 80 | 100; untilMs: number },
): void {
  const budget = rule.name
  events.emit('budgetSpent', { budget, unit, spent, limit, untilMs })
  if (passed !== 0) events.emit('budgetPassed', { budget, of, percent: passed, unit, spent, limit, untilMs })
}

interface Spacing {
  /** Between two looks, ms. */
  readonly gapMs: number
  readonly leastMs: number
  /** The last job asks within this time: the gap shrinks if many wait. */
  readonly mostMs: number
  /** A clock that never goes back, ms. */
  readonly now: () => number
}

/** Beyond this many names, those that nobody waits for are forgotten. */
const MOST_KNOWN = 1_000

/** The delay, ms, of the next job that waits under a name. */
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
