import { describe, expect, it, vi } from 'vitest'
import { type CommandQueues, makeCommandQueues } from '../../src/camunda/command-queues.ts'
import {
  type CommandEnd,
  type Destination,
  makeDestinationHealth,
} from '../../src/camunda/destination-health.ts'

const THROUGH: CommandEnd = { kind: 'through' }
const AWAY: CommandEnd = { kind: 'away', status: 'UNAVAILABLE', message: 'away' }

interface UnderTest {
  readonly queues: CommandQueues<string>
  /** Commands under way; calling one ends it. */
  readonly underWay: Map<string, (end: CommandEnd) => void>
  /** Ends a command, and waits until what follows has started. */
  end(item: string, end?: CommandEnd): Promise<void>
  readonly clock: { now: number }
}

function make(places = 16, most?: (to: Destination) => number): UnderTest {
  const clock = { now: 0 }
  const underWay = new Map<string, (end: CommandEnd) => void>()
  const now = () => clock.now
  const random = () => 0.5
  const queues = makeCommandQueues<string>({
    ...{ health: makeDestinationHealth({ now, random }), places, now, random },
    ...(most === undefined ? {} : { most }),
    work: (item) => new Promise((resolve) => underWay.set(item, resolve)),
  })
  const end = async (item: string, how = THROUGH): Promise<void> => {
    const resolve = underWay.get(item)
    underWay.delete(item)
    resolve?.(how)
    await new Promise(setImmediate)
  }
  return { queues, underWay, end, clock }
}

const add = ({ queues }: UnderTest, to: Destination, count: number): void => {
  for (let index = 0; index < count; index += 1) queues.add(to, `${to}-${index}`)
}
const of = ({ underWay }: UnderTest, to: Destination) =>
  [...underWay.keys()].filter((item) => item.startsWith(`${to}-`))

describe('commands to a destination', () => {
  it('start in their order, as places become free', async () => {
    const test = make(4)
    add(test, 1, 5)
    expect(of(test, 1)).toEqual(['1-0', '1-1', '1-2'])
    await test.end('1-1')
    expect(of(test, 1)).toEqual(['1-0', '1-2', '1-3'])
  })

  it('leave places for a new destination, whatever blocks the others', () => {
    const test = make(16)
    for (const to of [1, 2, 3, 4, 5, 6]) {
      add(test, to, 50)
      expect(of(test, to).length).toBeGreaterThan(0)
    }
    expect(of(test, 1)).toHaveLength(12)
    expect(test.underWay.size).toBeLessThanOrEqual(16 + 6)
  })

  it('never exceed the limit of commands in flight', () => {
    const test = make(16, (to) => (to === 'few' ? 2 : 16))
    add(test, 'few', 10)
    expect(of(test, 'few')).toHaveLength(2)
  })

  it('wait without a place while their destination refuses, and commands to others go on', async () => {
    const test = make(16)
    add(test, 1, 1)
    await test.end('1-0', AWAY)
    add(test, 1, 50)
    add(test, 2, 1)
    expect(of(test, 1)).toEqual([])
    expect(of(test, 2)).toEqual(['2-0'])
    expect(test.queues.idle()).toBe(false)
    await test.end('2-0')
    expect(test.queues.idle()).toBe(true)
    expect(test.queues.empty()).toHaveLength(50)
  })

  it('resume by themselves when a probe is due', async () => {
    const test = make(16)
    add(test, 1, 2)
    await test.end('1-0', AWAY)
    await test.end('1-1', AWAY)
    test.queues.add(1, '1-2')
    test.clock.now += 10_000
    while (test.underWay.size === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await test.end('1-2')
  })

  it('resume by themselves even if the probe becomes due during the check', async () => {
    const test = make(16)
    add(test, 1, 1)
    await test.end('1-0', AWAY)
    // The first look is of the queue that takes the command. The second sees the destination still closed, and the third does not.
    let looks = 0
    Object.defineProperty(test.clock, 'now', { get: () => (looks++ < 2 ? 74.9 : 75.1) })
    test.queues.add(1, '1-1')
    await vi.waitFor(() => expect(of(test, 1)).toEqual(['1-1']))
    await test.end('1-1')
  })

  it('count as crowded if many wait for a working destination, not for a stuck one', () => {
    const test = make(16)
    add(test, 1, 200)
    expect(test.queues.crowded()).toBe(true)
    test.clock.now += 2_000
    expect(test.queues.crowded()).toBe(false)
    add(test, 2, 1_100)
    test.clock.now += 2_000
    expect(test.queues.crowded()).toBe(true)
  })

  it('may be moved to another queue when they start', async () => {
    const moved: string[] = []
    const now = () => 0
    const open = makeDestinationHealth({ now, random: now })
    let isOpen = false
    const queues: CommandQueues<string> = makeCommandQueues<string>({
      ...{
        health: { ...open, enter: (to) => (isOpen ? open.enter(to) : null) },
        places: 16,
        now,
        random: now,
      },
      async work(item, to) {
        if (to === 'first') queues.add('second', item)
        else moved.push(item)
        return THROUGH
      },
    })
    queues.add('first', 'a')
    queues.add('second', 'b')
    isOpen = true
    queues.add('third', 'c')
    await queues.ended()
    expect(moved.sort()).toEqual(['a', 'b', 'c'])
  })

  it('do not start after close, which awaits those in flight', async () => {
    const test = make(4)
    add(test, 1, 5)
    expect(test.queues.empty()).toEqual(['1-3', '1-4'])
    let ended = false
    const all = test.queues.ended().then(() => {
      ended = true
    })
    for (const item of ['1-0', '1-1']) await test.end(item)
    expect(ended).toBe(false)
    await test.end('1-2')
    await all
    expect(test.underWay.size).toBe(0)
  })
})
