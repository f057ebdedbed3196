import { expect, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import type { LaneLook } from '../../src/lanes/look-lanes.ts'
import { makeQuietLooks } from '../../src/lanes/quiet-looks.ts'

const [A, B] = ['default@r@a', 'default@r@b'] as LaneName[] as [LaneName, LaneName]
const NO_JOBS = { waiting: 0, active: 0, prioritized: 0, delayed: 0, 'waiting-children': 0 }
const START_MS = 1_000_000

/** Lanes A and B, used at the start; a minute has passed since. */
function looking() {
  const clock = { now: START_MS + 60_000 }
  const used = new Map<LaneName, number>([
    [A, START_MS],
    [B, START_MS],
  ])
  const held: LaneName[] = []
  const seen = new Map<LaneName, Partial<LaneLook>>()
  const asked: LaneName[][] = []
  const lookAt = (name: LaneName): LaneLook => {
    const jobs = { ...NO_JOBS, completed: 0, failed: 0 }
    const empty = { name, nowMs: clock.now, jobs, calls: new Map(), outage: null }
    return { ...empty, ...seen.get(name) } as LaneLook
  }
  const { known, look } = makeQuietLooks({
    registry: {
      list: async () =>
        [...used].map(([name, usedAtMs]) => ({ name, usedAtMs, idleMs: clock.now - usedAtMs })),
    },
    overrides: { remembered: async () => held },
    looks: {
      async look(lanes) {
        asked.push([...lanes])
        return lanes.map(lookAt)
      },
      forgetCalls: async () => undefined,
    },
    now: () => clock.now,
    random: () => 0,
  })
  const round = async () => look(await known())
  return { clock, used, held, seen, asked, round }
}

it('a quiet lane is read from Redis once, and the age of its reading grows', async () => {
  const { clock, asked, round } = looking()
  await round()
  clock.now += 5_000
  const looks = await round()
  expect(asked).toEqual([[A, B], []])
  expect(looks.map(({ name, nowMs }) => [name, nowMs])).toEqual([
    [A, clock.now],
    [B, clock.now],
  ])
})

it.each([
  ['has calls', { calls: new Map([['worker', { calls: 1, tokens: 0 }]]) }],
  ['has jobs', { jobs: { ...NO_JOBS, delayed: 1, completed: 0, failed: 0 } }],
  ['is in an outage', { outage: { sinceMs: 1, why: 'No connection.' } }],
])('a lane that %s is read each time', async (_, look: Partial<LaneLook>) => {
  const { seen, asked, round } = looking()
  seen.set(A, look)
  await round()
  await round()
  expect(asked).toEqual([[A, B], [A]])
})

it('a lane is read again when it is used, and until its jobs must have arrived', async () => {
  const { clock, used, asked, round } = looking()
  await round()
  used.set(B, clock.now)
  await round()
  clock.now += 5_000
  await round()
  clock.now += 6_000
  await round()
  await round()
  expect(asked).toEqual([[A, B], [B], [B], [B], []])
})

it('a lane that an operator holds is read each time, and once more after its release', async () => {
  const { held, asked, round } = looking()
  await round()
  held.push(A)
  await round()
  await round()
  held.pop()
  await round()
  await round()
  expect(asked).toEqual([[A, B], [A], [A], [A], []])
})

it('a quiet lane is read again after half an hour', async () => {
  const { clock, asked, round } = looking()
  await round()
  clock.now += 30 * 60_000 + 1
  await round()
  expect(asked).toEqual([
    [A, B],
    [A, B],
  ])
})
