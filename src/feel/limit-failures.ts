// Failures of expressions that exceeded a limit. Diagrams and operators match on these texts: keep them.
import type { FeelResult } from './evaluate.ts'
import { bareText } from './evaluation.ts'
import type { Question } from './question.ts'

/** @param reason - one of the texts below. */
export function limitFailure(question: Question, reason: string): FeelResult {
  const subject =
    question.kind === 'paths'
      ? `${question.expressions.length} expressions cannot be read`
      : `failed to evaluate expression '${bareText(question.expression)}'`
  return { ok: false, why: 'limit', message: `${subject}: ${reason}` }
}

export const TOO_DEEP = 'its variables or its result are nested too deeply. Flatten them.'
export const UNREADABLE = 'its result cannot be read.'

export function tooMuch(memoryMb: number): string {
  return `it used more than ${memoryMb} MB and was ended. Make it hold less at a time.`
}

export function tooLong(timeMs: number): string {
  return `it ran for more than ${timeMs} ms and was ended. Make it do less, or do it elsewhere in the process.`
}

export function tooLarge(longest: number): string {
  return `its result is longer than ${longest} characters. Make it hold less, or keep it elsewhere.`
}

export function leftAlone(timeMs: number, times: number): string {
  return `it ran for more than ${timeMs} ms ${times} times, and is not tried for a minute. Make it do less, or do it elsewhere in the process.`
}

export function tooBusy(waitMs: number): string {
  return `it waited for more than ${waitMs} ms, as other expressions took all the time there is. Add Quarry workers, or make them do less.`
}

export function endedTwice(how: string): string {
  return `the process for it ended twice (${how}).`
}
