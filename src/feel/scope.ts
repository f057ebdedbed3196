// The names that an expression can use. Immutable: adding names makes a new scope.
import type { Budget } from './budget.ts'
import type { Expression } from './expression.ts'
import { type Failure, FeelFunction, type Functions, type Result, type Value } from './value.ts'

/** Evaluates a part of an expression. */
export type Interpret = (expression: Expression, scope: Scope) => Result

/** Values by name: a map or a context. */
export interface Names {
  get(name: string): Value | undefined
}

/** Shared by all scopes of one evaluation. */
interface Evaluation {
  /** Why the evaluation fails as a whole: the first `assert` that did not hold. */
  failedAssertion: Failure | null
  /** Null in a child process, which has other limits. */
  readonly budget: Budget | null
}

/** Scopes that are searched in the time of one step. */
const SCOPES_A_STEP = 8

const NONE: ReadonlyMap<string, never> = new Map<string, never>()

export class Scope {
  readonly evaluation: Evaluation
  readonly #parent: Scope | null
  readonly #depth: number
  readonly #variables: Names
  readonly #functions: Functions

  private constructor(parent: Scope | null, variables: Names, functions: Functions, evaluation: Evaluation) {
    this.#parent = parent
    this.#depth = parent === null ? 0 : parent.#depth + 1
    this.#variables = variables
    this.#functions = functions
    this.evaluation = evaluation
  }

  static root(variables: Names, functions: Functions, budget: Budget | null): Scope {
    return new Scope(null, variables, functions, { failedAssertion: null, budget })
  }

  get budget(): Budget | null {
    return this.evaluation.budget
  }

  /** The new names hide equal ones. */
  with(variables: Names, functions: Functions = NONE): Scope {
    return new Scope(this, variables, functions, this.evaluation)
  }

  /** A function can be called by its name, and is no variable. */
  withEntry(name: string, value: Value): Scope {
    return value instanceof FeelFunction
      ? this.with(NONE, new Map([[name, [value]]]))
      : this.with(new Map([[name, value]]))
  }

  variable(name: string): Value | undefined {
    this.budget?.spend(this.#depth / SCOPES_A_STEP)
    for (let scope: Scope | null = this; scope !== null; scope = scope.#parent) {
      const value = scope.#variables.get(name)
      if (value !== undefined) return value
    }
    return undefined
  }

  function(name: string, fits: (candidate: FeelFunction) => boolean): FeelFunction | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.#parent) {
      const found = scope.#functions.get(name)?.find(fits)
      if (found !== undefined) return found
    }
    return undefined
  }
}
