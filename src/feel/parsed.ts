// Parsed expressions by their text: a diagram's expression is parsed once for thousands of jobs.
import type { Expression } from './expression.ts'
import { parse } from './parse.ts'
import { RecentTexts } from './recent-texts.ts'

/** `parse`, which remembers the trees of texts that were used lately; they are immutable, so all tenants share them. */
export function makeParsed(): (text: string) => Expression | null {
  const recent = new RecentTexts<Expression | null>()
  return (text) => {
    const known = recent.get(text)
    if (known !== undefined) return known
    const tree = parse(text)
    recent.set(text, tree)
    return tree
  }
}
