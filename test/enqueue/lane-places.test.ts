import { describe, expect, it } from 'vitest'
import { makeLanePlaces } from '../../src/enqueue/lane-places.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const lane = (number: number) => `default@eu-west-1@${number}` as LaneName

/** A registry in memory; test/flow/lane-flood.test.ts tests the real one. */
function places({ most = 10, tenantShare = null as number | null, lanesOf = 0 } = {}) {
  const clock = { now: 100_000 }
  const lanes = new Map<LaneName, number>()
  const busy = new Set<LaneName>()
  const cleared: LaneName[] = []
  const events = makeEvents()
  const told: unknown[] = []
  events.on('lanesFull', (event) => told.push(event))
  const made = makeLanePlaces({
    registry: {
      async enter(name, most) {
        const entered = lanes.has(name) || lanes.size < most
        if (entered && !lanes.has(name)) lanes.set(name, clock.now)
        return { entered, lanes: lanes.size }
      },
      count: async () => lanes.size,
      list: async () =>
        [...lanes].map(([name, usedAtMs]) => ({ name, usedAtMs, idleMs: clock.now - usedAtMs })),
      async clear(name) {
        cleared.push(name)
      },
      async forget({ name }) {
        return !busy.has(name) && lanes.delete(name)
      },
    },
    ...{ most, tenantShare, lanesOf: () => lanesOf, events, now: () => clock.now },
  })
  return { ...made, clock, lanes, busy, cleared, told, fill: (count: number) => fill(made, count) }
}

async function fill({ admits }: Pick<ReturnType<typeof makeLanePlaces>, 'admits'>, count: number) {
  for (let index = 0; index < count; index += 1) await admits(lane(index), 'one')
}

describe('places of lanes', () => {
  it('are limited; lanes keep theirs, and a shortage is reported once a minute', async () => {
    const { admits, fill, clock, told } = places()
    await fill(10)
    expect([
      await admits(lane(1), 'one'),
      await admits(lane(11), 'one'),
      await admits(lane(12), 'one'),
    ]).toEqual([true, false, false])
    expect(told).toEqual([{ lane: lane(11), lanes: 10, most: 10 }])
    clock.now += 60_000
    await admits(lane(13), 'one')
    expect(told).toHaveLength(2)
  })

  it('are taken from unused lanes, longest unused first, while more than half are taken', async () => {
    const { admits, freeSome, fill, clock, lanes, busy, cleared } = places()
    await fill(8)
    clock.now += 61_000
    busy.add(lane(0))
    await freeSome()
    expect([...lanes.keys()]).toContain(lane(0))
    expect(lanes.size).toBe(5)
    expect(await admits(lane(20), 'one')).toBe(true)
    // What was under way in the lanes at that time may have left something behind.
    clock.now += 31_000
    await freeSome()
    expect(cleared.length).toBeGreaterThan(0)
  })

  it('stay with their lanes while there are enough, and with lanes that were just used', async () => {
    const { freeSome, fill, clock, lanes } = places()
    await fill(4)
    clock.now += 600_000
    await freeSome()
    expect(lanes.size).toBe(4)
    const full = places()
    await full.fill(10)
    full.clock.now += 4_000
    await full.freeSome()
    expect(full.lanes.size).toBe(10)
  })

  it('are freed within seconds when none is left', async () => {
    const { admits, freeSome, fill, clock } = places()
    await fill(10)
    clock.now += 6_000
    await freeSome()
    expect(await admits(lane(30), 'one')).toBe(true)
  })

  it('count as blocking if their jobs do not end and no place is left', async () => {
    const { inTheWay, fill, admits, clock } = places()
    await fill(9)
    clock.now += 31_000
    expect(await inTheWay()).toEqual([])
    await admits(lane(10), 'one')
    expect(await inTheWay()).toHaveLength(9)
  })

  it('are only partly available to one of several tenants', async () => {
    const { admits, fill } = places({ tenantShare: 0.5, lanesOf: 5 })
    expect(await admits(lane(1), 'one')).toBe(false)
    const others = places({ tenantShare: 0.5, lanesOf: 4 })
    expect(await others.admits(lane(1), 'one')).toBe(true)
    await fill(0)
  })
})
