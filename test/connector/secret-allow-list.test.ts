import { describe, expect, test } from 'vitest'
import {
  allowList,
  feelSources,
  type InputMapping,
  TooManyMappings,
} from '../../src/connector/secret-allow-list.ts'
import type { Field } from '../../src/connector/secret-substitution.ts'
import { referencedPaths } from '../../src/feel/referenced-paths.ts'

type Mapping = [target: string, source: string]

function allowed(mappings: Mapping[], name: string, path: string): boolean {
  const inputs = mappings.map(([target, source]) => ({ target, source }))
  return listOf(inputs).allows({ name, field: fieldOf(path) })
}

function listOf(inputs: readonly InputMapping[]) {
  const reads = new Map(feelSources(inputs).map((source) => [source, referencedPaths(source)]))
  return allowList({ inputs, reads }, '8.9')
}

function fieldOf(path: string): Field | null {
  return path.split('.').reduce<Field | null>((within, name) => ({ name, within }), null)
}

describe('a secret may be used', () => {
  test('in the field whose mapping names it, and nowhere else', () => {
    const mappings: Mapping[] = [
      ['data.newMessage', '{{secrets.A}}'],
      ['data.modelId', 'm'],
    ]
    expect(allowed(mappings, 'A', 'data.newMessage')).toBe(true)
    expect(allowed(mappings, 'A', 'data.modelId')).toBe(false)
    expect(allowed(mappings, 'A', 'data')).toBe(false)
    expect(allowed(mappings, 'A', 'data.newMessages')).toBe(false)
    expect(allowed(mappings, 'B', 'data.newMessage')).toBe(false)
  })

  test('anywhere within what its mapping wrote', () => {
    const mappings: Mapping[] = [['data', '={newMessage: "{{secrets.A}}", list: [{x: "secrets.B"}]}']]
    expect(allowed(mappings, 'A', 'data.newMessage')).toBe(true)
    expect(allowed(mappings, 'B', 'data.list.x')).toBe(true)
    expect(allowed(mappings, 'A', 'authentication')).toBe(false)
  })

  test('under the name that the mapping gives it, spelled in either way', () => {
    expect(allowed([['a', 'x secrets.A/B-1 y']], 'A/B-1', 'a')).toBe(true)
    expect(allowed([['a', '{{ secrets.PROD:API }}']], 'PROD:API', 'a')).toBe(true)
    expect(allowed([['a', '{{ secrets.PROD:API }}']], 'PROD', 'a')).toBe(false)
    expect(allowed([['a', '="{{secrets." + name + "}}"']], 'X', 'a')).toBe(false)
  })

  test.each<[title: string, expression: string]>([
    ['by its name', '=prompt'],
    ['in an operation', '="Use " + prompt + "!"'],
    ['in a context', '={a: [1, {b: prompt}]}'],
    ['in a function', '=trim(prompt)'],
    ['in a condition', '=if x then prompt else "no"'],
    ['in an iteration', '=for i in 1..2 return prompt'],
    ['by a part of it', '=prompt.part'],
  ])('if an expression reads what an earlier mapping wrote: %s', (_, expression) => {
    const mappings: Mapping[] = [
      ['prompt', '{{secrets.A}}'],
      ['data.newMessage', expression],
    ]
    expect(allowed(mappings, 'A', 'data.newMessage')).toBe(true)
  })

  test('over several mappings', () => {
    const mappings: Mapping[] = [
      ['a.b', '{{secrets.A}}'],
      ['c', '=a'],
      ['d', '=c.b'],
      ['e', '=other'],
    ]
    expect(allowed(mappings, 'A', 'd')).toBe(true)
    expect(allowed(mappings, 'A', 'e')).toBe(false)
  })

  test('not through a name that only looks like the mapping’s', () => {
    const mappings: Mapping[] = [
      ['prompt', '{{secrets.A}}'],
      ['b', '="prompt"'],
      ['c', '={prompt: user}'],
      ['d', '=x.prompt'],
      ['e', 'prompt'],
    ]
    for (const field of ['b', 'c', 'd', 'e']) expect(allowed(mappings, 'A', field), field).toBe(false)
  })

  test('not through a sibling of the field that was read', () => {
    const mappings: Mapping[] = [
      ['authentication.token', '{{secrets.A}}'],
      ['authentication.type', 'credentials'],
      ['data.newMessage', '=authentication.type'],
      ['data.other', '=authentication.token'],
    ]
    expect(allowed(mappings, 'A', 'data.newMessage')).toBe(false)
    expect(allowed(mappings, 'A', 'data.other')).toBe(true)
  })

  test('not through a mapping that comes later, nor through one that was written over', () => {
    expect(
      allowed(
        [
          ['b', '=a'],
          ['a', '{{secrets.A}}'],
        ],
        'A',
        'b',
      ),
    ).toBe(false)
    const over: Mapping[] = [
      ['a', '{{secrets.A}}'],
      ['a', '=user'],
      ['b', '=a'],
    ]
    expect(allowed(over, 'A', 'a')).toBe(false)
    expect(allowed(over, 'A', 'b')).toBe(false)
    expect(
      allowed(
        [
          ['a.x', '{{secrets.A}}'],
          ['a', '=user'],
        ],
        'A',
        'a.x',
      ),
    ).toBe(false)
    const nearer: Mapping[] = [
      ['a', '={x: "{{secrets.A}}"}'],
      ['a.x', '=user'],
      ['b', '=a.x'],
    ]
    expect(allowed(nearer, 'A', 'b')).toBe(false)
  })

  test('by nobody if no mapping names it', () => {
    expect(allowed([['data', '=x']], 'x', 'data')).toBe(false)
    expect(feelSources([{ source: '=x', target: 'data' }])).toEqual([])
  })
})

describe('very many input mappings', () => {
  const many = (count: number): InputMapping[] => [
    { target: 'a', source: '{{secrets.A}}' },
    ...Array.from({ length: count }, (_, index) => ({ target: `data.field${index}`, source: '=a' })),
  ]

  test('are followed, up to 20,000', () => {
    const list = listOf(many(20_000))
    expect(list.allows({ name: 'A', field: fieldOf('data.field19999') })).toBe(true)
    expect(list.allows({ name: 'A', field: fieldOf('data.field20000') })).toBe(false)
  })

  test('that each read all earlier ones are refused, with what to do', () => {
    const inputs = Array.from({ length: 5_000 }, (_, index) => ({
      target: `data.field${index}`,
      source: index === 0 ? '{{secrets.A}}' : '=data',
    }))
    expect(() => listOf(inputs)).toThrow(TooManyMappings)
    expect(() => listOf(inputs)).toThrow(/too many, or too long.*divide the task/)
  })

  test('are read once for a field, however many references it has', () => {
    const list = listOf(many(10))
    let looks = 0
    const counted = (within: Field | null, name: string): Field => ({
      name,
      get within() {
        looks += 1
        return within
      },
    })
    let field = counted(null, 'data')
    for (let depth = 0; depth < 500; depth += 1) field = counted(field, 'x')
    for (let reference = 0; reference < 1_000; reference += 1) list.allows({ name: 'A', field })
    expect(looks).toBeLessThan(1_000)
  })
})
