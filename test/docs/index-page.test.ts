// docs/README.md lists every page.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const DOCS = resolve(import.meta.dirname, '..', '..', 'docs')
const PAGES = globSync('*.md', { cwd: DOCS }).filter((page) => page !== 'README.md')

it.each(PAGES)('the index of docs/ lists %s', (page) => {
  expect(readFileSync(join(DOCS, 'README.md'), 'utf8')).toContain(`](${page})`)
})
