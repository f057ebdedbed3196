import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgePlace, unsteadyError } from '../../src/execute/true-lane.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { laneName, UNROUTABLE } from '../../src/job/lane.ts'

const name = (account: string, region = 'eu-west-1', model = 'm'): LaneName =>
  laneName({ account, region, model })

describe('a job in the lane', () => {
  it('that its request is for stays there', () => {
    expect(judgePlace(name('default'), name('default'), 0)).toBe('here')
    expect(judgePlace(name('default'), name('default'), 9)).toBe('here')
  })

  it.each([
    laneName(UNROUTABLE),
    name('other'),
    name('default', 'us-east-1'),
    name('default', 'eu-west-1', 'n'),
  ])('%s goes to the one that its request is for', (lies) => {
    expect(judgePlace(lies, name('default'), 0)).toBe('elsewhere')
  })

  it('that it was moved to, and whose account is known now, goes on', () => {
    expect(judgePlace(name('key-1'), name('default'), 1)).toBe('elsewhere')
  })

  it.each([name('default', 'us-east-1'), name('default', 'eu-west-1', 'n')])(
    'that it was moved to, and whose request is for %s by now, is not moved again',
    (asked) => {
      expect(judgePlace(name('default'), asked, 1)).toBe('unsteady')
      expect(unsteadyError(name('default'), asked).message).toContain(asked)
    },
  )

  it('is moved a few times at the most, whatever it asks for', () => {
    const lanes = fc.constantFrom(name('a'), name('b'), name('a', 'us-east-1'), name('a', 'eu-west-1', 'n'))
    fc.assert(
      fc.property(fc.array(lanes, { minLength: 20, maxLength: 20 }), (asked) => {
        let [lies, moves] = [laneName(UNROUTABLE), 0]
        for (const lane of asked) {
          const place = judgePlace(lies, lane, moves)
          if (place === 'unsteady') break
          if (place === 'elsewhere') [lies, moves] = [lane, moves + 1]
        }
        expect(moves).toBeLessThanOrEqual(4)
      }),
    )
  })
})
