// The fenced code blocks of a page.
import { readFileSync } from 'node:fs'
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
