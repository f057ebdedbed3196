import { describe, expect, test } from 'vitest'
import { isBlank, trim } from '../../src/connector/java-text.ts'

describe('blanks as Java sees them', () => {
  test.each(['', ' ', '\t\n', '\u2003', '\u3000', '\u001c'])('%j is blank', (text) => {
    expect(isBlank(text)).toBe(true)
  })

  test.each(['\u00a0', '\u202f', '\u200b', '\u0000', ' x '])('%j is not blank', (text) => {
    expect(isBlank(text)).toBe(false)
  })

  test('trim cuts control characters and ASCII blanks only', () => {
    expect(trim('\u0000 x\u00a0 \t')).toBe('x\u00a0')
    expect(trim(' \u0001')).toBe('')
  })
})
