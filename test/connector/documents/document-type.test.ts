import { expect, test } from 'vitest'
import { documentRules } from '../../../src/connector/documents/document-rules.ts'
import { extensionOf } from '../../../src/connector/documents/document-type.ts'

test.each([
  ['8.8', ''],
  ['8.9', 'md'],
] as const)('text/markdown without a name that ends in .md has in %s the extension %j', (line, extension) => {
  expect(extensionOf('text/markdown', documentRules(line))).toBe(extension)
})
