import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { stopSignal } from '../../src/cli/stop-signal.ts'

function listen() {
  const exits: number[] = []
  const source = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) })
  const clock = { nowMs: 0 }
  return { source, exits, clock, stop: stopSignal(source, () => clock.nowMs) }
}

it.each(['SIGINT', 'SIGTERM'])('the first %s requests a stop without ending the process', async (signal) => {
  const { source, exits, stop } = listen()
  source.emit(signal)
  await stop.received
  expect(exits).toEqual([])
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a second %s ends the process with %d', (signal, code) => {
  const { source, exits, clock } = listen()
  source.emit(signal)
  clock.nowMs = 1001
  source.emit(signal)
  expect(exits).toEqual([code])
})

it('the SIGINT that npm repeats after Ctrl-C does not count as a second signal', () => {
  const { source, exits, clock } = listen()
  source.emit('SIGINT')
  clock.nowMs = 20
  source.emit('SIGINT')
  expect(exits).toEqual([])
})

it('a different signal right after the first counts as a second one', () => {
  const { source, exits } = listen()
  source.emit('SIGTERM')
  source.emit('SIGINT')
  expect(exits).toEqual([130])
})

it('no signal is handled after the listener was closed', () => {
  const { source, stop } = listen()
  stop.close()
  expect(source.eventNames()).toEqual([])
})
