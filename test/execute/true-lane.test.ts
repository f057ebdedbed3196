import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgePlace, unsteadyError } from '../../src/execute/true-lane.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { laneName, UNROUTABLE } from '../../src/job/lane.ts'

const name = (account: string, region = 'eu-west-1', model = 'm'): LaneName =>
  laneName({ account, region, model })

describe('a job in a lane', () => {
  it('that matches its request stays there', () => {
    expect(judgePlace(name('default'), name('default'), 0)).toBe('here')
    expect(judgePlace(name('default'), name('default'), 9)).toBe('here')
  })

  it.each([
    laneName(UNROUTABLE),
    name('other'),
    name('default', 'us-east-1'),
    name('default', 'eu-west-1', 'n'),
  ])('%s goes to the lane of its request', (lies) => {
    expect(judgePlace(lies, name('default'), 0)).toBe('elsewhere')
  })

  it('that it was moved to goes on when the lane’s account became known', () => {
    expect(judgePlace(name('key-1'), name('default'), 1)).toBe('elsewhere')
  })

  it.each([name('default', 'us-east-1'), name('default', 'eu-west-1', 'n')])(
    'that it was moved to is not moved again when its request is now for %s',
    (asked) => {
      expect(judgePlace(name('default'), asked, 1)).toBe('unsteady')
      expect(unsteadyError(name('default'), asked).message).toContain(asked)
    },
  )

  it('is moved only a few times, whatever it requests', () => {
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
