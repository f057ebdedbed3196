// A job that is nowhere for an instant is on its way; one that stays nowhere is called back, and again when nobody takes it.
import { expect, it } from 'vitest'
import { judgeStrays, type SeenNowhere, type Sightings } from '../../src/activate/stray-jobs.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'

const stray = (key: string, start = ''): SeenNowhere => ({
  ...{ key: jobKey(key), epoch: 1, start, lane: 'default@eu-west-1@m' as LaneName, processId: 'p' },
})

/** What is called back at each look, looks being two seconds apart. */
function looks(found: readonly (readonly SeenNowhere[])[]): string[][] {
  let seen: Sightings = new Map()
  return found.map((each, index) => {
    const judged = judgeStrays(seen, each, index * 2_000)
    seen = judged.seen
    return judged.strays.map(({ key }) => key)
  })
}

it('is left alone while it may be on its way, then called back once', () => {
  const [one, two] = [stray('1'), stray('2')]
  expect(looks([[one], [one, two], [one], [one], [one], [one], [one]])).toEqual([
    [],
    [],
    [],
    [],
    [],
    ['1'],
    [],
  ])
})

it('is called again after a minute', () => {
  const called = looks(Array.from({ length: 40 }, () => [stray('1')]))
  expect(called.flatMap((keys, index) => keys.map(() => index * 2))).toEqual([10, 70])
})

it('by another start is another sighting', () => {
  const starts = ['a#1', 'a#1', 'a#1', 'b#1', 'b#1', 'b#1', 'b#1', 'b#1']
  expect(looks(starts.map((start) => [stray('1', start)])).flat()).toEqual([])
})
