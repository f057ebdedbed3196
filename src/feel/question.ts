// What the worker and its child processes for expressions send each other: lists of questions, and lists of answers to the
// first of them. JSON travels as text, since numbers that are kept as text would not survive otherwise.
import type { Line } from './line.ts'

export type Question = {
  readonly timeMs: number
  /** Longest answer, in UTF-16 units of its JSON. */
  readonly longest: number
} & (
  | {
      readonly kind: 'evaluation'
      readonly expression: string
      readonly context: string
      readonly line: Line
    }
  /** Which variables each of some expressions reads. */
  | { readonly kind: 'paths'; readonly expressions: readonly string[] }
)

/** The child sends null once, when it is ready for its first question. */
export type Answer =
  | { readonly kind: 'value'; readonly json: string; readonly mark: string | null }
  | { readonly kind: 'failure'; readonly why: 'parse' | 'evaluation' | 'limit'; readonly message: string }
  | { readonly kind: 'out of time' }
  | { readonly kind: 'too long' }
