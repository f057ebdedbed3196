import { describe, expect, test } from 'vitest'
import { hashMapText, javaText } from '../../src/connector/java-value-text.ts'
import { parseJson } from '../../src/job/json.ts'

describe('what Java prints', () => {
  test('of values from JSON', () => {
    const value = parseJson('{"a":[1,2.50,null,true],"b":{"c":"x"},"d":1e30,"e":12345678901234567890}')
    expect(javaText(value)).toBe('{a=[1, 2.5, null, true], b={c=x}, d=1.0E30, e=12345678901234567890}')
  })

  // As a JDK 17 printed copies of maps with these keys.
  test.each([
    ['message,type', 'message, type'],
    ['zeta,alpha,error,myVar', 'zeta, myVar, error, alpha'],
    ['a,b,c,d,e,f,g,h,i,j,k,l,m,Aa,BB', 'Aa, BB, a, b, c, d, e, f, g, h, i, j, k, l, m'],
  ])('of a HashMap of %s', (keys, order) => {
    const entries = keys.split(',').map((key) => [key, 1] as const)
    const text = hashMapText(Object.fromEntries(entries), entries.length)
    expect(text.replaceAll('=1', '')).toBe(`{${order}}`)
  })
})
