// Which lanes a worker has open while there are many: on a list of lanes as Redis tells it.
import { afterEach, expect, it } from 'vitest'
import type { LaneName } from '../../../src/job/ids.ts'
import { laneName } from '../../../src/job/lane.ts'
import type { LaneRegistry, RegisteredLane } from '../../../src/lanes/lane-registry.ts'
import type { LaneWorker } from '../../../src/lanes/queue/lane-worker.ts'
import { type LaneWorkers, makeLaneWorkers } from '../../../src/lanes/queue/lane-workers.ts'
import { makeEvents } from '../../../src/telemetry/events.ts'

const laneOf = (model: string): LaneName => laneName({ account: 'default', region: 'eu-west-1', model })
const MANY = Array.from({ length: 150 }, (_, index) => laneOf(`name-${index}`))

let nowMs: number
let used: Map<LaneName, number>
let opened: LaneName[]
let sweeps: number
let lanes: LaneWorkers

async function start(): Promise<void> {
  nowMs = 1_000_000
  used = new Map()
  opened = []
  sweeps = 0
  const list = async (): Promise<readonly RegisteredLane[]> => {
    sweeps += 1
    const registered = [...used].map(([name, usedAtMs]) => ({ name, usedAtMs, idleMs: nowMs - usedAtMs }))
    return registered.toSorted((one, other) => one.usedAtMs - other.usedAtMs)
  }
  lanes = makeLaneWorkers({
    registry: { list } as unknown as LaneRegistry,
    regions: undefined,
    open(name, lane) {
      opened.push(name)
      return {
        name,
        lane,
        wake: () => undefined,
        close: async () => undefined,
        pause: async () => undefined,
      } as unknown as LaneWorker
    },
    hasJobs: async () => false,
    holdsAny: async () => false,
    isLeft: () => false,
    events: makeEvents(),
    now: () => nowMs,
    sweepMs: 1,
  })
  await lanes.start()
}

async function afterSweeps(count: number): Promise<void> {
  const until = sweeps + count
  await expect.poll(() => sweeps, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(until)
}

const use = (names: readonly LaneName[]): void => {
  for (const name of names) used.set(name, nowMs)
}

afterEach(async () => {
  await lanes?.pause()
})

it('lane workers of lanes that were used once close soon, and open again only when these are used again', async () => {
  await start()
  use(MANY)
  await afterSweeps(3)
  expect(lanes.names()).toHaveLength(150)
  nowMs += 10_000
  await afterSweeps(10)
  expect(lanes.names()).toHaveLength(100)
  expect(opened).toHaveLength(150)
  const [closed] = MANY.filter((name) => !lanes.names().includes(name))
  use(closed === undefined ? [] : [closed])
  await afterSweeps(3)
  expect(lanes.names()).toContain(closed)
  expect(opened).toHaveLength(151)
})

it('the lane worker of a lane in use stays open', async () => {
  await start()
  const known = laneOf('known')
  for (const _ of [1, 2, 3]) {
    use([known])
    await afterSweeps(2)
    nowMs += 20_000
  }
  use(MANY)
  await afterSweeps(3)
  nowMs += 10_000
  await afterSweeps(5)
  expect(lanes.names()).toContain(known)
  expect(opened.filter((name) => name === known)).toHaveLength(1)
})
