import { expect, test } from 'vitest'
import { fileNameOf } from '../../src/documents/file-name.ts'

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

test.each([
  ['attachment; filename="a.pdf"', null, 'a.pdf'],
  ['attachment; filename="a.pdf"; size=3', null, 'a.pdf'],
  ['attachment; filename="a.pdf"; filename*=UTF-8\'\'%C3%A4.pdf', null, 'ä.pdf'],
  ['attachment; filename=two words.pdf', null, 'two words.pdf'],
  ['inline; filename="scan"', 'image/svg+xml', 'scan.svg'],
  ['inline; filename="scan"', 'text/plain; charset=utf-8', 'scan.plain'],
  ['inline; filename="scan"', null, 'scan'],
])('%s of type %s is called %s', (disposition, contentType, expected) => {
  expect(fileNameOf(disposition, contentType)).toBe(expected)
})

test('a document without a name is given one', () => {
  expect(fileNameOf(null, 'application/PDF')).toMatch(new RegExp(`^${UUID}\\.pdf$`))
  expect(fileNameOf('attachment', null)).toMatch(new RegExp(`^${UUID}$`))
})
