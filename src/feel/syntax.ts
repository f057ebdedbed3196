// What the parser needs of lezer-feel's tree: children, texts, and how tightly a node binds. Pure.
import type { SyntaxNode } from '@lezer/common'

/** Thrown within the parser where feel-scala would not parse. Has no message: parse-failure.ts finds the position. */
export class NotFeel extends Error {
  override readonly name = 'NotFeel'
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (!/Comment$/.test(child.name)) children.push(child)
  }
  return children
}

/**
 * Accesses children by index.
 * @throws NotFeel for an index without a child.
 */
export function parts(node: SyntaxNode): (index: number) => SyntaxNode {
  const children = childrenOf(node)
  return (index) => {
    const child = children.at(index)
    if (child === undefined) throw new NotFeel()
    return child
  }
}

export type Level = 'expression' | 'disjunction' | 'conjunction' | 'comparison' | 'arithmetic' | 'value'
const LEVELS: readonly Level[] = [
  'expression',
  'disjunction',
  'conjunction',
  'comparison',
  'arithmetic',
  'value',
]

const LEVEL_OF: Readonly<Record<string, Level>> = {
  IfExpression: 'expression',
  ForExpression: 'expression',
  QuantifiedExpression: 'expression',
  Disjunction: 'disjunction',
  Conjunction: 'conjunction',
  Comparison: 'comparison',
  InstanceOfExpression: 'comparison',
  SimplePositiveUnaryTest: 'comparison',
  ArithmeticExpression: 'arithmetic',
}

/** Whether feel-scala's grammar accepts the node where it requires this level. */
export function bindsAs(node: SyntaxNode, level: Level): boolean {
  return LEVELS.indexOf(LEVEL_OF[node.name] ?? 'value') >= LEVELS.indexOf(level)
}

/** A string's content: resolves escapes in feel-scala's order; unknown ones stay unchanged. */
export function unescaped(content: string): string {
  return content
    .replaceAll(/(?<!\\)\\n/g, '\n')
    .replaceAll(/(?<!\\)\\r/g, '\r')
    .replaceAll(/(?<!\\)\\t/g, '\t')
    .replaceAll(/(?<!\\)\\b/g, '\b')
    .replaceAll(/(?<!\\)\\f/g, '\f')
    .replaceAll(/(?<!\\)\\'/g, "'")
    .replaceAll(/(?<!\\)\\"/g, '"')
    .replaceAll('\\\\', '\\')
}
