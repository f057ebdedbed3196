// The tree of lezer-feel, as far as the parser needs to know it: children, texts, and how tightly a node binds. Pure.
import type { SyntaxNode } from '@lezer/common'

/** Thrown within the parser where feel-scala would not parse; carries no text since the place is found otherwise. */
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
 * The children of which there must be as many as named.
 * @throws NotFeel when there are fewer.
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

/** Whether feel-scala's grammar takes the node where it asks for something that binds so tightly. */
export function bindsAs(node: SyntaxNode, level: Level): boolean {
  return LEVELS.indexOf(LEVEL_OF[node.name] ?? 'value') >= LEVELS.indexOf(level)
}

/** A string's content: escapes of feel-scala, in its order; an unknown one stays as it is. */
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
