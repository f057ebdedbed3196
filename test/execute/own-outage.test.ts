import { expect, it } from 'vitest'
import { makeOwnOutage } from '../../src/execute/own-outage.ts'

function outageAt() {
  let now = 1_000
  const own = makeOwnOutage(
    () => now,
    () => 0.5,
  )
  const wait = (ms: number): void => {
    now += ms
  }
  return { own, wait }
}

it('a worker that alone gets no answers pauses for longer each time, and reports it once', () => {
  const { own, wait } = outageAt()
  expect(own.restMs()).toBe(0)
  const rests = Array.from({ length: 6 }, () => {
    own.sent()
    const isNew = own.failed()
    const rest = own.restMs()
    wait(rest)
    return [isNew, rest] as const
  })
  expect(rests.map(([isNew]) => isNew)).toEqual([true, false, false, false, false, false])
  expect(rests.map(([, rest]) => rest)).toEqual([1_000, 2_000, 4_000, 8_000, 12_000, 12_000])
})

it('calls of a worker that fail together count once towards its own outage', () => {
  const { own } = outageAt()
  for (let times = 0; times < 100; times += 1) own.failed()
  expect(own.restMs()).toBe(1_000)
})

it('in its own outage a worker tries one call, alone for as long as connecting may take', () => {
  const { own, wait } = outageAt()
  own.failed()
  wait(1_000)
  expect(own.restMs()).toBe(0)
  own.sent()
  expect(own.restMs()).toBe(12_000)
  wait(12_000)
  expect(own.restMs()).toBe(0)
})

it('an answer ends a worker’s own outage, and an abandoned trial call lets another try', () => {
  const { own, wait } = outageAt()
  own.failed()
  wait(1_000)
  own.sent()
  own.ended()
  expect(own.restMs()).toBe(0)
  expect(own.answered()).toBe(1_000)
  expect(own.answered()).toBeNull()
  own.sent()
  expect(own.restMs()).toBe(0)
})
