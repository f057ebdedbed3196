// Whether an expression's time and memory are bounded by its text and its variables, as far as its syntax shows. Pure.
// budget.ts keeps the bound; this spares the tries that would exceed it, and keeps out what cannot be counted.
import { hasCost } from './call-costs.ts'
import type { Arguments, Expression } from './expression.ts'

const BOUNDED_KINDS: ReadonlySet<string> = new Set<(Expression | Arguments)['kind']>([
  'positional',
  'named',
  'literal',
  'list',
  'context',
  'range',
  'negation',
  'arithmetic',
  'comparison',
  'junction',
  'not',
  'if',
  'in',
  'compares',
  'within',
  'matches',
  'input',
  'instance of',
  'variable',
  'path',
  'filter',
])
/** Nodes of the tree with all that is between them. `between` refers to its operand twice, so nested ones double. */
const MOST_PARTS = 2_000
const DEEPEST = 100

/**
 * False for iterations over `1..n`, functions that the expression defines or takes from a context, functions that only a
 * child may call, and dates with a time, as zones and the clock are the child's.
 */
export function isBounded(expression: Expression): boolean {
  let parts = 0
  const visit = (part: unknown, depth: number): boolean => {
    if (typeof part !== 'object' || part === null) return true
    parts += 1
    if (parts > MOST_PARTS || depth > DEEPEST) return false
    if (Array.isArray(part)) return part.every((item) => visit(item, depth + 1))
    if (part instanceof Map) return [...part.values()].every((item) => visit(item, depth + 1))
    if (!('kind' in part)) return Object.values(part).every((item) => visit(item, depth + 1))
    const node = part as Expression | Arguments
    if (node.kind === 'literal') return true
    return isBoundedNode(node) && Object.values(part).every((item) => visit(item, depth + 1))
  }
  return visit(expression, 0)
}

function isBoundedNode(node: Expression | Arguments): boolean {
  switch (node.kind) {
    case 'temporal':
      return node.type === 'date' || node.type === 'duration'
    case 'call':
      return node.owner === null && hasCost(node.name)
    case 'for':
    case 'some':
    case 'every':
      return node.iterators.length === 1
    default:
      return BOUNDED_KINDS.has(node.kind)
  }
}
