import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitOwnVariable } from '../../src/job/own-variable.ts'

describe('Quarry’s own variable', () => {
  it.each([
    ['{"quarry":{"priority":"high"},"data":{"10":1,"2":1e5}}', '{"data":{"10":1,"2":1e5}}'],
    ['{"data":{"10":1.50},"quarry":{"priority":"high"}}', '{"data":{"10":1.50}}'],
    ['{"a":1, "quarry" : {"priority":"high"} , "b":"}\\\\\\"{"}', '{"a":1,  "b":"}\\\\\\"{"}'],
    ['{"quarry":{"priority":"high"}}', '{}'],
  ])('is removed from %s, and the rest stays unchanged text', (text, others) => {
    expect(splitOwnVariable(text)).toEqual({ own: { priority: 'high' }, others })
  })

  it.each([
    '{"data":{"quarry":1}}',
    '{"data":"\\"quarry\\":1"}',
    '{"data":"quarry"}',
    '["quarry",1]',
    '{"a":1,"quarry"',
    '{"quarry":tru}',
    '{"quarry":"no end',
  ])('is not found in %s', (text) => {
    expect(splitOwnVariable(text)).toEqual({ own: undefined, others: text })
  })

  it('is separated from any other variables', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), fc.nat(), (some, own, at) => {
        const others = Object.entries(some).filter(([name]) => name !== 'quarry' && name !== '__proto__')
        const all = others.toSpliced(at % (others.length + 1), 0, ['quarry', own])
        const text = (entries: typeof others) =>
          `{${entries.map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join(',')}}`
        const split = splitOwnVariable(text(all))
        expect(split.others).toBe(text(others))
        expect(JSON.stringify(split.own)).toBe(JSON.stringify(JSON.parse(JSON.stringify(own))))
      }),
    )
  })
})
