// The syntax tree of an expression, as in feel-scala (Exp.scala). Plain data.
import type { Value } from './value.ts'

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  /** `date("…")`, `@"…"`. Converted at evaluation: the offset of a zone depends on the year. */
  | { readonly kind: 'temporal'; readonly type: TemporalType; readonly text: string }
  /** `?`, the value that a unary test tests. */
  | { readonly kind: 'input' }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'context'; readonly entries: readonly (readonly [string, Expression])[] }
  | RangeExpression
  | { readonly kind: 'negation'; readonly operand: Expression }
  | Binary<'arithmetic', '+' | '-' | '*' | '/' | '**'>
  | Binary<'comparison', '=' | CompareOperator>
  | Binary<'junction', 'and' | 'or'>
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'if'
      readonly condition: Expression
      readonly consequence: Expression
      readonly alternative: Expression
    }
  | {
      readonly kind: 'in'
      readonly value: Expression
      readonly tests: readonly UnaryTest[]
      /** The test is not in brackets. */
      readonly open: boolean
    }
  | UnaryTest
  | { readonly kind: 'instance of'; readonly value: Expression; readonly type: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'path'; readonly source: Expression; readonly key: string }
  | { readonly kind: 'filter'; readonly list: Expression; readonly filter: Expression }
  | Iteration
  /** `1..3` in an iteration. */
  | { readonly kind: 'steps'; readonly from: Expression; readonly to: Expression }
  | Call
  | { readonly kind: 'function'; readonly parameters: readonly string[]; readonly body: Expression }

export type TemporalType = 'any' | 'date' | 'time' | 'date and time' | 'duration'

export type CompareOperator = '<' | '<=' | '>' | '>='

/** Two operands and their operator. */
interface Binary<Kind, Operator> {
  readonly kind: Kind
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}

export interface End {
  readonly value: Expression
  readonly closed: boolean
}

/** A range as a value; the grammar allows it only as an argument. */
export interface RangeExpression {
  readonly kind: 'range'
  readonly start: End
  readonly end: End
}

/** A test whose value is not named in it. Outside of `in` it has no value to test. */
export type UnaryTest =
  | { readonly kind: 'compares'; readonly operator: CompareOperator; readonly operand: Expression }
  | { readonly kind: 'within'; readonly range: RangeExpression }
  | { readonly kind: 'matches'; readonly expression: Expression }

export interface Iteration {
  readonly kind: 'for' | 'some' | 'every'
  readonly iterators: readonly (readonly [string, Expression])[]
  readonly body: Expression
}

export interface Call {
  readonly kind: 'call'
  /** The context that holds the function: `a.b` in `a.b.f(1)`; null in `f(1)`. */
  readonly owner: Expression | null
  readonly name: string
  readonly arguments: Arguments
}

export type Arguments =
  | { readonly kind: 'positional'; readonly values: readonly Expression[] }
  | { readonly kind: 'named'; readonly values: ReadonlyMap<string, Expression> }
