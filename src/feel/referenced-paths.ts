// The variables that an expression reads, by its text alone. Names that the expression itself binds (a list's item, a
// function's parameter) are included: too many is safe, too few is not. Pure, evaluates nothing.
import type { Expression } from './expression.ts'
import { parse } from './parse.ts'

/** Variables by their qualified names: `a.b + c` reads `['a', 'b']` and `['c']`. Empty for a text that is no expression. */
export function referencedPaths(text: string): readonly (readonly string[])[] {
  const expression = parse(text)
  const found: (readonly string[])[] = []
  if (expression !== null) visit(expression, found)
  return found
}

function visit(part: unknown, found: (readonly string[])[]): void {
  if (typeof part !== 'object' || part === null) return
  if (Array.isArray(part)) {
    for (const item of part) visit(item, found)
    return
  }
  if (part instanceof Map) {
    for (const item of part.values()) visit(item, found)
    return
  }
  const path = qualifiedName(part)
  if (path !== null) {
    found.push(path)
    return
  }
  if ('kind' in part && part.kind === 'literal') return
  for (const inner of Object.values(part)) visit(inner, found)
}

function qualifiedName(part: object): readonly string[] | null {
  const expression = part as Partial<Expression>
  if (expression.kind === 'variable') return [expression.name ?? '']
  if (expression.kind !== 'path' || expression.source === undefined) return null
  const source = qualifiedName(expression.source)
  return source === null ? null : [...source, expression.key ?? '']
}
