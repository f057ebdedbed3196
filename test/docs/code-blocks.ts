// The fenced code blocks of a page.
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '..', '..')

export interface CodeBlock {
  /** As the page names it: `sh`, `yaml`; empty for none. */
  readonly language: string
  /** Without the indentation of the fence. */
  readonly text: string
}

export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(resolve(ROOT, page), 'utf8')
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', body = '']) => ({
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
}

/** The pages for users and developers; a record of a decision keeps the code of its day. */
export const PAGES: readonly string[] = ['*.md', 'docs/*.md', 'examples/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: ROOT }))
  .filter((page) => !['CHANGELOG.md', 'THIRD-PARTY.md'].includes(page))

/** Blocks of a language in all pages, named by their page and first line. */
export function blocksOf(language: string): (CodeBlock & { readonly page: string; readonly name: string })[] {
  return PAGES.flatMap((page) =>
    codeBlocks(page)
      .filter((block) => block.language === language)
      .map((block) => ({ ...block, page, name: `${page}: ${block.text.split('\n', 1)[0]}` })),
  )
}
