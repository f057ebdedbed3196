// Those who listen to what happens cannot harm it.
import { expect, it } from 'vitest'
import { makeEvents } from '../../src/telemetry/events.ts'

const CALLING = { jobKey: '7', lane: 'default@eu-west-1@m' } as never

it('a listener that throws is reported as a fault, and the other listeners still get the event', async () => {
  const events = makeEvents()
  const faults: unknown[] = []
  const told: unknown[] = []
  events.on('fault', (fault) => faults.push(fault))
  events.on('calling', () => {
    throw new TypeError('no such metric')
  })
  events.on('calling', async () => {
    throw new TypeError('not reached')
  })
  events.once('calling', (data) => told.push(data))
  expect(events.emit('calling', CALLING)).toBe(true)
  events.emit('calling', CALLING)
  expect(told).toEqual([CALLING])
  await expect.poll(() => faults.length).toBe(4)
  expect(faults[0]).toMatchObject({ where: 'a listener of calling', error: { message: 'no such metric' } })
})

it('a fault listener that throws does not fail the code that reported the fault', () => {
  const events = makeEvents()
  const warned = new Promise((resolve) => process.once('warning', resolve))
  events.on('fault', () => {
    throw new TypeError('no log')
  })
  events.emit('fault', { where: 'here', error: new Error('why') })
  return expect(warned).resolves.toMatchObject({ message: 'no log' })
})
