// The rule of reserve-budget.lua in TypeScript, which tests play beside it. Pure.
import type { Spent, Verdict } from '../../../src/budgets/budget.ts'

/**
 * Whether a call of an estimated amount fits: the rule that `reserve-budget.lua` carries out. While nothing else runs,
 * a call goes as long as anything is left, or one larger than the whole budget would wait for ever. So what is spent
 * exceeds a limit by less than one call, unless a call was larger than estimated.
 */
export function verdict({ spent, held }: Spent, amount: number, limit: number): Verdict {
  if (spent >= limit) return 'usedUp'
  return held === 0 || spent + held + amount <= limit ? 'go' : 'later'
}
