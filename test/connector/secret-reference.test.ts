import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayHoldSecrets, secretReferences } from '../../src/connector/secret-reference.ts'

const names = (text: string) => secretReferences(text, '8.9').map(({ name }) => name)

/** The patterns of the contract, as one scan: right, but not linear. */
const PATTERN =
  /\{\{[ \t\n\v\f\r]*secrets\.([^ \t\n\v\f\r]+?)[ \t\n\v\f\r]*\}\}|secrets\.((?:[a-zA-Z0-9]+[/._-])*[a-zA-Z0-9]+)/g

describe('a reference to a secret', () => {
  test.each([
    ['secrets.test', 'test'],
    ['secrets.A/B', 'A/B'],
    ['secrets.A.B', 'A.B'],
    ['{secrets.TEST}', 'TEST'],
    ['secrets.TEST-0', 'TEST-0'],
    ['secrets.TEST TEST', 'TEST'],
    ['mysecrets.word', 'word'],
    ['see secrets.A-.', 'A'],
    ['{{secrets.A}}', 'A'],
    ['{{ secrets.A }}', 'A'],
    ['{{\n\tsecrets.A\n}}', 'A'],
    ['{{secrets.PROD:API}}', 'PROD:API'],
    ['{{{secrets.A}}}', 'A'],
    ['{{secrets._A}}', '_A'],
    ['{{secrets.A B}}', 'A'],
  ])('%j names %j', (text, name) => {
    expect(names(text)).toEqual([name])
  })

  test.each([
    'secrets._TEST',
    'secrets./TEST',
    'secrets.-TEST',
    'secrets..TEST',
    'secrets.',
    'secrets.?',
    'secret.A',
    '{{ secrets. }}',
  ])('%j names none', (text) => {
    expect(names(text)).toEqual([])
  })

  test('contains no other reference', () => {
    expect(names('{{secrets.A:secrets.B}} secrets.C{{secrets.D}}')).toEqual(['A:secrets.B', 'C', 'D'])
    expect(names('secrets.secrets.A')).toEqual(['secrets.A'])
  })

  test('to the cluster’s store is resolved by the broker since 8.10', () => {
    const text = 'camunda.secrets.A and {{camunda.secrets.B}} and secrets.C'
    expect(secretReferences(text, '8.10').map(({ name }) => name)).toEqual(['C'])
    expect(names(text)).toEqual(['A', 'B', 'C'])
  })

  test('is found where the patterns of the contract find it', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '}',
      '{',
      'secrets.',
      'A',
      'b1',
      '.',
      '-',
      '/',
      ':',
      ' ',
      '\n',
      'ä',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('')
        const expected = [...text.matchAll(PATTERN)].map((match) => ({
          name: match[1] ?? match[2],
          start: match.index,
          end: match.index + match[0].length,
        }))
        expect(secretReferences(text, '8.9')).toEqual(expected)
        if (expected.length > 0) expect(mayHoldSecrets(text)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['open braces without end', '{{secrets.'.repeat(100_000)],
    ['open braces before many blanks', `${'{{secrets.'.repeat(50_000)}a${' '.repeat(500_000)}`],
    ['blanks after each brace', `{{${' '.repeat(20)}secrets.`.repeat(30_000)],
    ['one long name', `secrets.${'a'.repeat(1_000_000)}`],
    ['a name of a million parts', `secrets.${'a.'.repeat(500_000)}`],
  ])('is looked for in linear time: %s', (_, text) => {
    const startedAt = performance.now()
    secretReferences(text, '8.9')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
