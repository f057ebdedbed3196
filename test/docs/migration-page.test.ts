// The checklist for moving over names only variables, commands, messages and files that exist.
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeProgram } from '../../src/cli/program.ts'
import { listSettings } from '../../src/settings/list-settings.ts'
import { NOT_NEEDED } from '../../src/settings/stock-settings.ts'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PAGE = readFileSync(join(ROOT, 'docs', 'migration.md'), 'utf8')
const CODE = [...PAGE.matchAll(/```[^`]*```|`[^`\n]+`/g)].map(([text]) => text)
const KNOWN = new Set(listSettings().flatMap(({ facts }) => [...facts.environment, ...(facts.aliases ?? [])]))
/** Variables of the AWS SDK, and the secrets of the examples. */
const OTHERS = ['AWS_SECRET_ACCESS_KEY', 'AWS_KEY', 'SECRET_AWS_KEY', 'SECRET_']

describe('docs/migration.md', () => {
  it('names only variables that Quarry or the stock runtime has', () => {
    const named = CODE.flatMap((text) => text.match(/\b[A-Z]{2,}(?:_[A-Z0-9]+)*_[A-Z0-9]*(?![\w-])/g) ?? [])
    expect(new Set(named).size).toBeGreaterThan(15)
    expect(
      named.filter((name) => !KNOWN.has(name) && !NOT_NEEDED.test(name) && !OTHERS.includes(name)),
    ).toEqual([])
  })

  it('names only values that the settings take', () => {
    const values = CODE.flatMap((text) => [...text.matchAll(/\b(QUARRY_COMPATIBILITY)=([\w.]+)/g)])
    expect(values.length).toBeGreaterThan(0)
    for (const [, , value] of values) expect(['auto', '8.8', '8.9', '8.10']).toContain(value)
  })

  it('names only commands and flags that exist', () => {
    const lines = CODE.flatMap((text) => [
      ...text.matchAll(/npx quarry ([a-z]+)(?: ([a-z]+))?((?: --[a-z]+)*)/g),
    ])
    expect(lines.length).toBeGreaterThan(5)
    const { commands } = makeProgram(() => undefined)
    for (const [line, name, word, flags = ''] of lines) {
      const command = commands.find((each) => each.name() === name)
      expect([line, command?.name()]).toEqual([line, name])
      const below = command?.commands.find((each) => each.name() === word)
      if (word !== undefined) expect([line, below?.name()]).toEqual([line, word])
      const known = [...(command?.options ?? []), ...(below?.options ?? [])].map(({ long }) => long)
      for (const flag of flags.trim().split(' ').filter(Boolean)) expect(known).toContain(flag)
    }
  })

  it('quotes log lines, metrics and messages that the sources have', () => {
    const sources = globSync('{src,workers}/**/*.ts', { cwd: ROOT })
      .map((file) => readFileSync(join(ROOT, file), 'utf8'))
      .join('\n')
    const quoted = CODE.map((text) => text.slice(1, -1)).filter(
      (text) =>
        /^[a-zA-Z]+( [a-z'…]+)+/.test(text) && !text.startsWith('npx ') && !text.startsWith('Jobs follow'),
    )
    expect(quoted.length).toBeGreaterThan(4)
    for (const text of quoted)
      for (const part of text.split(/'…'/)) expect([text, sources.includes(part)]).toEqual([text, true])
    const metrics = CODE.flatMap((text) => text.match(/\b(?:quarry|camunda)_[a-z_]+_total\b/g) ?? [])
    const page = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8')
    expect(metrics.length).toBeGreaterThan(1)
    for (const name of metrics) expect(page).toContain(`\`${name}\``)
  })
})
