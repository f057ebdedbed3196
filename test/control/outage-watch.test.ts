import { expect, it, onTestFinished, vi } from 'vitest'
import { makeOutageWatch } from '../../src/control/outage-watch.ts'
import type { LaneName } from '../../src/job/ids.ts'
import type { Outage } from '../../src/lanes/read-outages.ts'
import { makeEvents } from '../../src/telemetry/events.ts'

const [A, B] = ['default@r@a', 'default@r@b'] as LaneName[] as [LaneName, LaneName]
const outage = (lane: LaneName): Outage => ({ lane, sinceMs: 1, why: 'No connection.' })

function watching(found: () => Promise<readonly Outage[]>, everyMs = 5, holds = { any: true }) {
  const events = makeEvents()
  const asked: (readonly LaneName[])[] = []
  const watch = makeOutageWatch({
    events,
    everyMs,
    holdsAny: async () => holds.any,
    read: (lanes) => {
      asked.push(lanes)
      return found()
    },
  })
  onTestFinished(() => watch.stop())
  return { events, watch, asked }
}

it('the watch reads the open lanes, and shows outages that another worker met', async () => {
  let found: readonly Outage[] = []
  const { events, watch, asked } = watching(async () => found)
  for (const lane of [B, A]) events.emit('laneOpened', { lane })
  watch.start()
  expect(watch.outages()).toEqual([])
  expect(asked).toEqual([[A, B]])
  found = [outage(A), outage(B)]
  await vi.waitFor(() => expect(watch.outages()).toEqual(found))
  events.emit('laneClosed', { lane: A })
  expect(watch.outages()).toEqual([outage(B)])
  found = []
  await vi.waitFor(() => expect(watch.outages()).toEqual([]))
})

it('the watch reads a lane at once when a call of this process begins or ends an outage', async () => {
  let found: readonly Outage[] = []
  const { events, watch } = watching(async () => found, 60_000)
  events.emit('laneOpened', { lane: A })
  watch.start()
  found = [outage(A)]
  events.emit('outageBegan', { lane: A, why: 'No connection.' })
  await vi.waitFor(() => expect(watch.outages()).toEqual([outage(A)]))
  found = []
  events.emit('outageEnded', { lane: A, lastedMs: 1 })
  await vi.waitFor(() => expect(watch.outages()).toEqual([]))
})

it('the watch shows an outage of this process alone until a call of its own succeeds', async () => {
  const { events, watch, asked } = watching(async () => [])
  events.emit('laneOpened', { lane: A })
  watch.start()
  events.emit('outageBegan', { lane: A, why: 'No credentials.' })
  const before = asked.length
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before + 2))
  expect(watch.outages()).toEqual([{ lane: A, sinceMs: expect.any(Number), why: 'No credentials.' }])
  events.emit('outageEnded', { lane: A, lastedMs: 1 })
  expect(watch.outages()).toEqual([])
})

it('the watch forgets a shared outage that another worker ended', async () => {
  let found = [outage(A)]
  const { events, watch } = watching(async () => found)
  events.emit('laneOpened', { lane: A })
  watch.start()
  events.emit('outageBegan', { lane: A, why: 'No connection.' })
  await vi.waitFor(() => expect(watch.outages()).toEqual([outage(A)]))
  found = []
  await vi.waitFor(() => expect(watch.outages()).toEqual([]))
})

it('the watch keeps the last known outages while Redis is away', async () => {
  let away = false
  const { events, watch, asked } = watching(async () => {
    if (away) throw new Error('Connection is closed.')
    return [outage(A)]
  })
  events.emit('laneOpened', { lane: A })
  watch.start()
  await vi.waitFor(() => expect(watch.outages()).toHaveLength(1))
  away = true
  const before = asked.length
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(before + 1))
  expect(watch.outages()).toHaveLength(1)
})

it('the watch reads no lane while the process holds no job, but once more after the last job', async () => {
  const holds = { any: true }
  let rounds = 0
  const { events, watch, asked } = watching(async () => [], 1, {
    get any() {
      rounds += 1
      return holds.any
    },
  })
  events.emit('laneOpened', { lane: A })
  watch.start()
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(2))
  holds.any = false
  const later = (from: number) => vi.waitFor(() => expect(rounds).toBeGreaterThan(from + 3))
  await later(rounds)
  const before = asked.length
  await later(rounds)
  expect(asked).toHaveLength(before)
  events.emit('laneOpened', { lane: B })
  await vi.waitFor(() => expect(asked.at(-1)).toEqual([A, B]))
})
