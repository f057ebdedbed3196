// Parses an expression with lezer-feel's grammar, as feel-scala's parser would. What only lezer-feel accepts (exponents, `^`,
// chains of comparisons, names with blanks …) is no expression here. Pure.
import type { SyntaxNode } from '@lezer/common'
import { ContextTracker } from '@lezer/lr'
import { parser } from 'lezer-feel'
import { decimal } from './decimal.ts'
import type {
  Arguments,
  CompareOperator,
  End,
  Expression,
  Iteration,
  RangeExpression,
  TemporalType,
  UnaryTest,
} from './expression.ts'
import { maskNames } from './masked-names.ts'
import { bindsAs, childrenOf, type Level, NotFeel, parts, unescaped } from './syntax.ts'
import type { Value } from './value.ts'

// The grammar's own table of variables is empty: names are masked before (masked-names.ts).
const noNames = { keys: new Set(), prefixes: new Set() }
const grammar = parser.configure({
  top: 'Expression',
  dialect: 'camunda',
  contextTracker: new ContextTracker({
    start: { tokens: [], contextCache: () => noNames },
    shift: (context) => context,
  }),
})

/** The expression of a text, null if feel-scala could not parse it. */
export function parse(text: string): Expression | null {
  const tree = grammar.parse(maskNames(text))
  let sound = true
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) sound = false
      return sound
    },
  })
  if (!sound) return null
  try {
    return new Reader(text).expression(parts(tree.topNode)(0))
  } catch (error) {
    if (error instanceof NotFeel) return null
    throw error
  }
}

const TEMPORAL: ReadonlyMap<string, TemporalType> = new Map(
  (['date', 'time', 'date and time', 'duration'] as const).map((name) => [name, name]),
)

class Reader {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  expression(node: SyntaxNode, level: Level = 'expression'): Expression {
    if (!bindsAs(node, level)) throw new NotFeel()
    const read = this.#composed(node) ?? this.#primary(node)
    if (read === null) throw new NotFeel()
    return read
  }

  #composed(node: SyntaxNode): Expression | null {
    const part = parts(node)
    switch (node.name) {
      case 'IfExpression':
        return {
          kind: 'if',
          condition: this.expression(part(1)),
          consequence: this.expression(part(3)),
          alternative: this.expression(part(5)),
        }
      case 'ForExpression':
        return this.#iteration('for', part)
      case 'QuantifiedExpression':
        return this.#iteration(part(0).name === 'some' ? 'some' : 'every', part)
      case 'Disjunction':
        return this.#junction('or', part)
      case 'Conjunction':
        return this.#junction('and', part)
      case 'Comparison':
        return this.#comparison(part)
      case 'ArithmeticExpression':
        return this.#arithmetic(node)
      case 'InstanceOfExpression':
        return this.#instanceOf(this.expression(part(0), 'arithmetic'), part(3))
      case 'SimplePositiveUnaryTest':
        return this.#unaryTest(part)
      case 'PathExpression':
        return { kind: 'path', source: this.expression(part(0), 'value'), key: this.#name(part(2)) }
      case 'FilterExpression':
        return {
          kind: 'filter',
          list: this.expression(part(0), 'value'),
          filter: this.expression(part(2)),
        }
      default:
        return null
    }
  }

  #primary(node: SyntaxNode): Expression | null {
    switch (node.name) {
      case 'VariableName':
        return { kind: 'variable', name: this.#name(node) }
      case 'ParenthesizedExpression':
        return this.expression(parts(node)(1))
      case 'FunctionInvocation':
        return this.#call(node)
      case 'DateTimeLiteral':
        return this.#temporal(node)
      case 'FunctionDefinition':
        return this.#function(node)
      case 'List':
        return { kind: 'list', items: expressions(node).map((item) => this.expression(item)) }
      case 'Context':
        return {
          kind: 'context',
          entries: node.getChildren('ContextEntry').map((entry) => this.#entry(entry)),
        }
      case '?':
        return { kind: 'input' }
      default:
        return { kind: 'literal', value: this.#literal(node) }
    }
  }

  #literal(node: SyntaxNode): Value {
    const text = this.#textOf(node)
    switch (node.name) {
      case 'null':
        return null
      case 'BooleanLiteral':
        return text === 'true'
      case 'StringLiteral':
        return unescaped(text.slice(1, -1))
      case 'NumericLiteral':
        if (/e/i.test(text)) throw new NotFeel()
        return decimal(text.replaceAll(/\s/g, '').replace(/^(-?)\./, '$10.'))
      default:
        throw new NotFeel()
    }
  }

  #iteration(kind: Iteration['kind'], part: (index: number) => SyntaxNode): Expression {
    const iterators = childrenOf(part(1)).filter(({ name }) => name === 'InExpression')
    return {
      kind,
      iterators: iterators.map((iterator) => {
        const [from, , to] = childrenOf(parts(iterator)(2))
        if (from === undefined) throw new NotFeel()
        const name = this.#textOf(parts(iterator)(0))
        if (to === undefined) return [name, this.expression(from, 'value')]
        return [
          name,
          { kind: 'steps', from: this.expression(from, 'arithmetic'), to: this.expression(to, 'arithmetic') },
        ]
      }),
      body: this.expression(part(3)),
    }
  }

  #junction(operator: 'and' | 'or', part: (index: number) => SyntaxNode): Expression {
    const right = this.expression(part(2), operator === 'or' ? 'conjunction' : 'comparison')
    return beyondTest(
      this.expression(part(0), operator === 'or' ? 'disjunction' : 'conjunction'),
      (left) => ({
        kind: 'junction',
        operator,
        left,
        right,
      }),
    )
  }

  #comparison(part: (index: number) => SyntaxNode): Expression {
    const operator = this.#textOf(part(1))
    const left = part(0)
    const chained = left.name === 'Comparison'
    const first = this.expression(left, chained ? 'comparison' : 'arithmetic')
    if (chained && !endsInTest(first)) throw new NotFeel()
    return beyondTest(first, (value) => this.#compared(value, operator, part))
  }

  #compared(left: Expression, operator: string, part: (index: number) => SyntaxNode): Expression {
    const operand = (index: number) => this.expression(part(index), 'arithmetic')
    switch (operator) {
      case 'between':
        return {
          kind: 'junction',
          operator: 'and',
          left: { kind: 'comparison', operator: '>=', left, right: operand(2) },
          right: { kind: 'comparison', operator: '<=', left, right: operand(4) },
        }
      case 'in': {
        const bracketed = part(2).name === '('
        const tests = bracketed ? part(3).getChildren('PositiveUnaryTest') : [part(2)]
        return { kind: 'in', value: left, tests: tests.map((test) => this.#test(test)), open: !bracketed }
      }
      case '!=':
        return { kind: 'not', operand: { kind: 'comparison', operator: '=', left, right: operand(2) } }
      case '=':
        return { kind: 'comparison', operator, left, right: operand(2) }
      default:
        return { kind: 'comparison', operator: compareOperator(operator), left, right: operand(2) }
    }
  }

  #test(node: SyntaxNode): UnaryTest {
    const tested = parts(node)(0)
    if (tested.name === 'SimplePositiveUnaryTest') return this.#unaryTest(parts(tested))
    return { kind: 'matches', expression: this.expression(tested) }
  }

  #unaryTest(part: (index: number) => SyntaxNode): UnaryTest {
    const first = part(0)
    if (first.name === 'Interval') return { kind: 'within', range: this.#range(first) }
    const operator = compareOperator(this.#textOf(first))
    return { kind: 'compares', operator, operand: this.expression(part(1), 'arithmetic') }
  }

  #range(node: SyntaxNode): RangeExpression {
    const part = parts(node)
    const end = (value: SyntaxNode, closed: boolean): End => ({
      value: this.expression(value, 'arithmetic'),
      closed,
    })
    return {
      kind: 'range',
      start: end(part(1), this.#textOf(part(0)) === '['),
      end: end(part(3), this.#textOf(part(4)) === ']'),
    }
  }

  #arithmetic(node: SyntaxNode): Expression {
    const part = parts(node)
    if (part(0).name === 'ArithOp') {
      if (this.#textOf(part(0)) !== '-') throw new NotFeel()
      return { kind: 'negation', operand: this.expression(part(1), 'value') }
    }
    const operator = arithmeticOperator(this.#textOf(part(1)))
    const left = this.expression(part(0), 'arithmetic')
    const right = part(2)
    // In lezer-feel `instance of` binds tighter than an operator, in feel-scala it does not.
    if (right.name === 'InstanceOfExpression') {
      const inner = parts(right)
      const value = this.expression(inner(0), 'arithmetic')
      return this.#instanceOf({ kind: 'arithmetic', operator, left, right: value }, inner(3))
    }
    return { kind: 'arithmetic', operator, left, right: this.expression(right, 'arithmetic') }
  }

  #instanceOf(value: Expression, type: SyntaxNode): Expression {
    const text = this.#textOf(type)
    const name = text.replaceAll(/\s+/g, ' ').replaceAll(/ ?\. ?/g, '.')
    if (/[ <]/.test(name) && !SPECIAL_TYPE.test(name)) throw new NotFeel()
    return { kind: 'instance of', value, type: name }
  }

  #call(node: SyntaxNode): Expression {
    const callee = parts(node)(0)
    const values = node.getChild('PositionalParameters') ?? node.getChild('NamedParameters')
    const given = values === null ? NO_ARGUMENTS : this.#arguments(values)
    if (callee.name === 'VariableName') {
      return { kind: 'call', owner: null, name: this.#name(callee), arguments: given }
    }
    if (!isQualifiedName(callee)) throw new NotFeel()
    const owner = this.expression(parts(callee)(0))
    return { kind: 'call', owner, name: this.#name(parts(callee)(2)), arguments: given }
  }

  #arguments(node: SyntaxNode): Arguments {
    if (node.name === 'PositionalParameters') {
      return { kind: 'positional', values: expressions(node).map((value) => this.#argument(value)) }
    }
    const named = node.getChildren('NamedParameter').map((parameter) => {
      const part = parts(parameter)
      return [this.#textOf(part(0)), this.#argument(part(-1))] as const
    })
    return { kind: 'named', values: new Map(named) }
  }

  #argument(node: SyntaxNode): Expression {
    const interval = node.name === 'SimplePositiveUnaryTest' ? node.getChild('Interval') : null
    return interval === null ? this.expression(node) : this.#range(interval)
  }

  #temporal(node: SyntaxNode): Expression {
    const first = parts(node)(0)
    if (first.name === 'AtLiteral') {
      return { kind: 'temporal', type: 'any', text: this.#textOf(first).slice(2, -1) }
    }
    const name = this.#textOf(first)
    const [only, ...others] = expressions(parts(node)(2))
    if (only?.name === 'StringLiteral' && others.length === 0) {
      const type = TEMPORAL.get(name)
      const text = this.#textOf(only).slice(1, -1)
      return type === undefined ? { kind: 'literal', value: null } : { kind: 'temporal', type, text }
    }
    return { kind: 'call', owner: null, name, arguments: this.#arguments(parts(node)(2)) }
  }

  #function(node: SyntaxNode): Expression {
    if (node.getChild('external') !== null) throw new NotFeel()
    const parameters = (node.getChild('FormalParameters')?.getChildren('FormalParameter') ?? []).map(
      (parameter) => this.#textOf(parameter),
    )
    const body = node.getChild('FunctionBody')
    const typed = parameters.some((parameter) => !parameter.startsWith('`') && parameter.includes(':'))
    if (body === null || typed) throw new NotFeel()
    return { kind: 'function', parameters, body: this.expression(parts(body)(0)) }
  }

  #entry(node: SyntaxNode): [string, Expression] {
    const part = parts(node)
    const key = this.#textOf(part(0))
    return [/^["`]/.test(key) ? key.slice(1, -1) : key, this.expression(part(-1))]
  }

  /** A name is one word; backticks make anything one. */
  #name(node: SyntaxNode): string {
    const text = this.#textOf(node)
    const [only, ...others] = childrenOf(node)
    if (text.startsWith('`')) return text.slice(1, -1)
    if (node.name === 'PathName' && text === 'time offset') return text
    if (only === undefined || others.length > 0) throw new NotFeel()
    return text
  }

  #textOf(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to)
  }
}

const SPECIAL_TYPE = /^(?:years and months duration|days and time duration|date and time)$/

const NO_ARGUMENTS: Arguments = { kind: 'positional', values: [] }

/** The items of a list or the arguments of a call, without brackets and commas. */
function expressions(node: SyntaxNode): SyntaxNode[] {
  return childrenOf(node).filter(({ name }) => !/^[[\](),]$/.test(name))
}

function isQualifiedName(node: SyntaxNode): boolean {
  if (node.name === 'VariableName') return true
  return node.name === 'PathExpression' && node.firstChild !== null && isQualifiedName(node.firstChild)
}

function compareOperator(text: string): CompareOperator {
  if (text === '<' || text === '<=' || text === '>' || text === '>=') return text
  throw new NotFeel()
}

function arithmeticOperator(text: string): '+' | '-' | '*' | '/' | '**' {
  if (text === '+' || text === '-' || text === '*' || text === '/' || text === '**') return text
  throw new NotFeel()
}

/** Whether the expression ends in `in` and a test without brackets: feel-scala reads all that follows as part of the test. */
function endsInTest(expression: Expression): boolean {
  if (expression.kind === 'junction') return endsInTest(expression.right)
  return expression.kind === 'in' && expression.open && expression.tests[0]?.kind === 'matches'
}

/** Builds on the whole expression, or only on the test that it ends in. */
function beyondTest(left: Expression, build: (inner: Expression) => Expression): Expression {
  if (!endsInTest(left)) return build(left)
  if (left.kind === 'junction') return { ...left, right: beyondTest(left.right, build) }
  if (left.kind !== 'in' || left.tests[0]?.kind !== 'matches') return build(left)
  return { ...left, tests: [{ kind: 'matches', expression: beyondTest(left.tests[0].expression, build) }] }
}
