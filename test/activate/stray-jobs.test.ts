// A job that is in no lane for a moment is on its way; one that stays so is called back, and again if nobody takes it.
import { expect, it } from 'vitest'
import { judgeStrays, type SeenNowhere, type Sightings } from '../../src/activate/stray-jobs.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'

const stray = (key: string, start = ''): SeenNowhere => ({
  ...{ key: jobKey(key), epoch: 1, start, lane: 'default@eu-west-1@m' as LaneName, processId: 'p' },
})

/** The jobs called back at each look; looks are two seconds apart. */
function looks(found: readonly (readonly SeenNowhere[])[]): string[][] {
  let seen: Sightings = new Map()
  return found.map((each, index) => {
    const judged = judgeStrays(seen, each, index * 2_000)
    seen = judged.seen
    return judged.strays.map(({ key }) => key)
  })
}

it('a held job that is in no lane is called back once, after the time that enqueueing may take', () => {
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

it('a job that is still in no lane after a minute is called back again', () => {
  const called = looks(Array.from({ length: 40 }, () => [stray('1')]))
  expect(called.flatMap((keys, index) => keys.map(() => index * 2))).toEqual([10, 70])
})

it('a job with another start counts as newly seen', () => {
  const starts = ['a#1', 'a#1', 'a#1', 'b#1', 'b#1', 'b#1', 'b#1', 'b#1']
  expect(looks(starts.map((start) => [stray('1', start)])).flat()).toEqual([])
})
