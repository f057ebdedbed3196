import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sanitizedName, UniqueNames } from '../../../src/connector/documents/block-name.ts'

const TAKEN_BY_BEDROCK = /^(?=.{1,200}$)[A-Za-z0-9()[\]-]+( [A-Za-z0-9()[\]-]+)*$/

test.each([
  ['report', 'report'],
  ['my_report.v2', 'my-report-v2'],
  ['  two   blanks ', 'two blanks'],
  ['Übersicht (1)', 'Ubersicht (1)'],
  ['報告', 'document'],
  ['', 'document'],
])('"%s" becomes "%s"', (name, expected) => {
  expect(sanitizedName(name)).toBe(expected)
})

test('any file name becomes a name that Bedrock accepts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      expect(sanitizedName(name)).toMatch(TAKEN_BY_BEDROCK)
      expect(sanitizedName(sanitizedName(name))).toBe(sanitizedName(name))
    }),
  )
})

test('a duplicate name gets a number, and stays within the length limit', () => {
  const names = new UniqueNames()
  const long = 'x'.repeat(200)
  expect(['a', 'a', 'a (3)', 'a', 'a (2)'].map((name) => names.take(name))).toEqual([
    'a',
    'a (2)',
    'a (3)',
    'a (4)',
    'a (2) (2)',
  ])
  names.take(long)
  expect(names.take(long)).toMatch(TAKEN_BY_BEDROCK)
})

test('a duplicate name gets the lowest free number', () => {
  const few = fc.constantFrom('a', 'a (2)', 'a (3)', 'b', 'x'.repeat(200), 'x'.repeat(199))
  fc.assert(
    fc.property(fc.array(few, { maxLength: 30 }), (given) => {
      const names = new UniqueNames()
      const taken = new Set<string>()
      for (const name of given) {
        let expected = name
        for (let number = 2; taken.has(expected); number += 1) {
          const suffix = ` (${number})`
          expected = `${name.slice(0, 200 - suffix.length).trimEnd()}${suffix}`
        }
        taken.add(expected)
        expect(names.take(name)).toBe(expected)
      }
    }),
  )
})

test('numbering documents of one name takes linear time', () => {
  let looks = 0
  class Counted extends Set<string> {
    override has(name: string): boolean {
      looks += 1
      return super.has(name)
    }
  }
  const looksFor = (documents: number): number => {
    looks = 0
    const names = new UniqueNames(new Counted())
    for (let index = 0; index < documents; index += 1) names.take('report')
    return looks
  }
  expect(looksFor(2_000) / looksFor(1_000)).toBeLessThan(3)
})
