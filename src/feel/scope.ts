// The names that an expression sees where it is evaluated. Immutable: a scope with more names is a scope of its own.
import type { Expression } from './expression.ts'
import { FeelFunction, type Functions, type Result, type Value } from './value.ts'

/** What evaluates the parts of an expression. */
export type Interpret = (expression: Expression, scope: Scope) => Result

/** Where values are looked up; a map is one. */
export interface Names {
  get(name: string): Value | undefined
}

/** What the whole evaluation is about to fail of: the cause of the first `assert` that did not hold. */
export interface Assertions {
  failed: string | null
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>()

export class Scope {
  readonly assertions: Assertions
  readonly #parent: Scope | null
  readonly #variables: Names
  readonly #functions: Functions

  private constructor(parent: Scope | null, variables: Names, functions: Functions, assertions: Assertions) {
    this.#parent = parent
    this.#variables = variables
    this.#functions = functions
    this.assertions = assertions
  }

  static root(variables: Names, functions: Functions): Scope {
    return new Scope(null, variables, functions, { failed: null })
  }

  /** These names hide those of the same name. */
  with(variables: Names, functions: Functions = NONE): Scope {
    return new Scope(this, variables, functions, this.assertions)
  }

  /** A function under a name can be called by it, and is no variable. */
  withEntry(name: string, value: Value): Scope {
    return value instanceof FeelFunction
      ? this.with(NONE, new Map([[name, [value]]]))
      : this.with(new Map([[name, value]]))
  }

  variable(name: string): Value | undefined {
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
