// The list of services in docs/architecture.md is that of the code: each row names one, and no file with one is missing.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PAGE = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8')
const [, LIST = ''] = /^## What runs again and again\n([\s\S]*?)^## /m.exec(PAGE) ?? []
const ROWS = [...LIST.matchAll(/^\| \w+ +\| `([^`]+)` +\|.*\| +`([^`]+)` +\|$/gm)].map(
  ([, name = '', file = '']) => ({ name, file }),
)

it('the table of services has rows', () => {
  expect(ROWS.length).toBeGreaterThan(15)
})

it.each(ROWS)('the service $name is in $file', ({ name, file }) => {
  const source = readFileSync(join(ROOT, file), 'utf8')
  expect(source).toContain('makeService(')
  expect(source.replaceAll(/\$\{[^}]*\}/g, '…')).toMatch(new RegExp(`['\`]${name}['\`]`))
})

it('the table of services lists each file with a service', () => {
  const files = globSync('{src,workers}/**/*.ts', { cwd: ROOT }).filter(
    (file) =>
      file !== 'src/time/service.ts' && readFileSync(join(ROOT, file), 'utf8').includes('makeService('),
  )
  expect(files.sort()).toEqual([...new Set(ROWS.map(({ file }) => file))].sort())
})
