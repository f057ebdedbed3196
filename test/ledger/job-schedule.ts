// Random schedules of what happens to a job, and what must hold in each of them.
import fc from 'fast-check'
import { expect } from 'vitest'
import type { JobWorld, Step } from './job-world.ts'

const OFTEN: readonly Step['do'][] = ['activate', 'deliver', 'deliver', 'start', 'answer', 'report', 'wait']
const SELDOM: readonly Step['do'][] = [
  'defer',
  'move',
  'move',
  'die',
  'standStill',
  'sweep',
  'resolve',
  'setVariables',
  'failByAnother',
  'cancel',
]

export function schedules(longest: number): fc.Arbitrary<Step[]> {
  const step = fc.record({
    do: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...OFTEN) },
      { weight: 1, arbitrary: fc.constantFrom(...SELDOM) },
    ),
    pick: fc.nat(3),
    end: fc.nat(59),
  })
  return fc.array(step, { maxLength: longest, size: 'max' })
}

/** None of the calls is one that Zeebe did not ask for, and no answer is asked for twice. */
export function expectAskedFor({ served, answers }: JobWorld): void {
  expect(
    [...served].filter(([, order]) => Number.isNaN(order)),
    'epochs that no order is there for',
  ).toEqual([])
  expect(new Set(answers).size, 'two answers of one epoch').toBe(answers.length)
}

/** A job that waits is in its lane at any time, so that nothing but a dead adapter makes it wait for its lease. */
export function expectInLane({ misplaced, astray }: JobWorld): void {
  expect(misplaced, 'epochs that wait elsewhere than in their lane').toEqual([])
  expect(astray, 'epochs that were called from a lane that is not theirs').toEqual([])
}
