import { describe, expect, test } from 'vitest'
import { NestingError } from '../../src/connector/java-number.ts'
import { type Field, secretUses, substituteSecrets } from '../../src/connector/secret-substitution.ts'
import { parseJson, stringifyJson } from '../../src/job/json.ts'

const VALUES: Record<string, string | undefined> = {
  A: 'value-a',
  QUOTE: 'he said "hi"',
  LOOP: '{{secrets.A}}',
  EMPTY: '',
  DOLLAR: "$& $1 $'",
}

function replaced(json: string): string {
  return stringifyJson(substituteSecrets(parseJson(json), '8.9', ({ name }) => VALUES[name] ?? null))
}

describe('secrets in variables', () => {
  test('replace their references, in texts and in property names', () => {
    expect(
      replaced('{"a":"x {{secrets.A}} secrets.A y","{{secrets.A}}":["secrets.A",{"b":"secrets.A"}]}'),
    ).toBe('{"a":"x value-a value-a y","value-a":["value-a",{"b":"value-a"}]}')
  })

  test('stay plain text: quotes are escaped, and a reference within a value is not resolved', () => {
    expect(replaced('{"a":"{{secrets.QUOTE}}","b":"{{secrets.LOOP}}","c":"{{secrets.DOLLAR}}"}')).toBe(
      `{"a":"he said \\"hi\\"","b":"{{secrets.A}}","c":"$& $1 $'"}`,
    )
  })

  test('may be empty', () => {
    expect(replaced('{"a":"<{{secrets.EMPTY}}>"}')).toBe('{"a":"<>"}')
  })

  test('leave numbers their digits, and everything else as it was', () => {
    const json = '{"n":[9007199254740993,1.50,1e400,-0],"t":true,"z":null,"__proto__":"x","s":"value-a"}'
    expect(replaced(json.replace('value-a', 'secrets.A'))).toBe(json)
  })

  test('that are denied stay as they are written', () => {
    expect(replaced('{"a":"{{ secrets.NO }} secrets.NO/X {{secrets.A}}"}')).toBe(
      '{"a":"{{ secrets.NO }} secrets.NO/X value-a"}',
    )
  })

  test('are visited in the order of the fields, a value before its name; lists add nothing to a path', () => {
    const tree = parseJson('{"d":{"{{secrets.K}}":"secrets.V"},"e":["secrets.X",[{"f":"secrets.Y"}]]}')
    const pathOf = (field: Field | null): readonly string[] =>
      field === null ? [] : [...pathOf(field.within), field.name]
    const uses = secretUses(tree, '8.9').map(({ name, field }) => ({ name, path: pathOf(field) }))
    expect(uses).toEqual([
      { name: 'V', path: ['d', '{{secrets.K}}'] },
      { name: 'K', path: ['d', '{{secrets.K}}'] },
      { name: 'X', path: ['e'] },
      { name: 'Y', path: ['e', 'f'] },
    ])
  })

  test('are ignored in variables nested deeper than Jackson reads', () => {
    const deep = `${'['.repeat(1001)}"secrets.A"${']'.repeat(1001)}`
    expect(() => replaced(deep)).toThrow(NestingError)
  })
})
