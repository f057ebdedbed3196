// The page on security claims nothing that no test shows.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PAGE = readFileSync(join(ROOT, 'docs', 'security.md'), 'utf8')
const [, HOLDS = ''] = /^## What holds\n([\s\S]*?)^## /m.exec(PAGE) ?? []
/** Lines of tables that are neither a head nor the line below it. */
const ROWS = HOLDS.split('\n').filter((line) => /^\|(?! (?:attack|---) )/.test(line))

describe('docs/security.md', () => {
  it('has rows', () => {
    expect(ROWS.length).toBeGreaterThan(30)
  })

  it.each(ROWS)('has four columns, the last of which names existing tests: %s', (row) => {
    const [attack, who, holds, shown = '', ...more] = row.split('|').slice(1, -1)
    expect([attack, who, holds].every((cell) => cell?.trim())).toBe(true)
    expect(more).toEqual([])
    const tests = [...shown.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
    expect(tests.length).toBeGreaterThan(0)
    for (const file of tests) {
      expect(file).toMatch(/^test\/.*\.test\.ts$/)
      expect([file, existsSync(join(ROOT, file))]).toEqual([file, true])
    }
  })
})
