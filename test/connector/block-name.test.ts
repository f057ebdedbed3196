import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sanitizedName, uniqueName } from '../../src/connector/documents/block-name.ts'

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

test('whatever a file is called, Bedrock takes its name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
      expect(sanitizedName(name)).toMatch(TAKEN_BY_BEDROCK)
      expect(sanitizedName(sanitizedName(name))).toBe(sanitizedName(name))
    }),
  )
})

test('a name is numbered until it is free, and stays within the limit', () => {
  expect(uniqueName('a', new Set())).toBe('a')
  expect(uniqueName('a', new Set(['a', 'a (2)']))).toBe('a (3)')
  const long = 'x'.repeat(200)
  expect(uniqueName(long, new Set([long]))).toMatch(TAKEN_BY_BEDROCK)
})
