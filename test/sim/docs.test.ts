import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDirectives } from '../../sim/script/directive.ts'
import { scriptFields } from '../../sim/script/script.ts'
import { DEFAULT_SETTINGS, readSettings } from '../../sim/settings.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/stand-in.md'), 'utf8')
const DIRECTIVES = [...PAGE.matchAll(/\[\[sim .*?\](?=`| [A-Z]|$)/gm)].map(([directive]) => directive)
const SETTINGS = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text)

describe('docs/stand-in.md', () => {
  test.each(DIRECTIVES)('has the directive %s, which can be read', (text) => {
    const directed = readDirectives({ messages: [{ role: 'user', content: [{ text }] }] })
    expect(directed).toBeTypeOf('object')
  })

  test.each(SETTINGS)('has settings that are valid: %s', (text) => {
    expect(() => readSettings(parse(text))).not.toThrow()
  })

  test('names all fields of a directive and all settings', () => {
    const missing = [...Object.keys(scriptFields), ...Object.keys(DEFAULT_SETTINGS)].filter(
      (name) => !new RegExp(`\\b${name}\\b`).test(PAGE),
    )
    expect(missing).toEqual([])
  })

  test('has directives and settings', () => {
    expect([DIRECTIVES.length > 15, SETTINGS.length > 6]).toEqual([true, true])
  })
})
