// Each constant of a script stands once: in TypeScript, which gives it to the script, or in the script itself.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as PACE from '../../src/lanes/pace/pace-constants.ts'
import type { RedisClient } from '../../src/redis/connect.ts'
import { type Constant, loadScripts } from '../../src/redis/scripts.ts'

const SRC = resolve(import.meta.dirname, '../../src')
const scripts = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.lua'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))
const PACE_FOLDER = pathToFileURL(join(SRC, 'lanes/pace/')).href
/** Constants that the modules beside these scripts give them. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  'lanes/count-recent.lua': ['RECENT_MINUTES'],
  'ledger/reported.lua': ['MOST_KEPT_BYTES'],
}
/** What is neither a comment nor a text. */
const code = (text: string): string => text.replace(/--.*$/gm, '').replace(/'[^']*'/g, "''")

function loaded(name: string, constants: Readonly<Record<string, Constant>>): string {
  const texts: string[] = []
  const redis = { defineCommand: (_: string, { lua }: { lua: string }) => texts.push(lua) }
  loadScripts(redis as unknown as RedisClient, PACE_FOLDER, { [name]: 1 }, constants)
  return texts.join()
}

describe('a script', () => {
  it.each(scripts)('$file uses no constant that is not given', ({ file, text }) => {
    const own = new Set(
      [...code(text).matchAll(/\blocal ([\w, ]+?)(?: =|$)/gm)].flatMap(([, names = '']) => names.split(', ')),
    )
    const named = new Set(code(text).match(/\b[A-Z][A-Z_]+\b/g) ?? [])
    const given = new Set([
      ...own,
      'KEYS',
      'ARGV',
      ...(GIVEN[file] ?? []),
      ...(/reserve\.lua|settle\.lua|pace-state|unfetch/.test(file) ? Object.keys(PACE) : []),
    ])
    expect([...named].filter((name) => !given.has(name))).toEqual([])
  })

  it('gets the constants that it uses, and no others', () => {
    const text = loaded('reserve', PACE)
    expect(text).toContain(`local TOKEN_WAIT_MS = ${PACE.TOKEN_WAIT_MS}\n`)
    expect(text).not.toContain('STOPS')
    expect(loaded('settle', PACE)).toContain('outage = { after = 3, firstMs = 1000, soonMs = 12000 }')
  })

  it('gets no value that Lua cannot read', () => {
    expect(() => loaded('reserve', { SHARE: Number.POSITIVE_INFINITY })).toThrow(RangeError)
  })
})

describe('a constant of the pace', () => {
  it.each(Object.keys(PACE))('%s is used by a script', (name) => {
    expect(scripts.some(({ text }) => new RegExp(`\\b${name}\\b`).test(code(text)))).toBe(true)
  })
})
