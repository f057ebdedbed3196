import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type CommandEnd,
  commandEnd,
  type DestinationHealth,
  makeDestinationHealth,
  type Pass,
} from '../../src/camunda/destination-health.ts'
import { type GatewayDisposition, GatewayError } from '../../src/camunda/gateway-error.ts'

const THROUGH: CommandEnd = { kind: 'through' }
const ALONE: CommandEnd = { kind: 'alone' }
const BUSY: CommandEnd = { kind: 'busy', status: 'RESOURCE_EXHAUSTED', message: 'busy' }
const AWAY: CommandEnd = { kind: 'away', status: 'UNAVAILABLE', message: 'away' }

let clock: number
let told: string[]
let health: DestinationHealth

beforeEach(() => {
  ;[clock, told] = [1_000, []]
  health = makeDestinationHealth({
    now: () => clock,
    random: () => 1,
    onAway: (to, { status }) => told.push(`${to} ${status}`),
    onBack: (to, awayMs) => told.push(`${to} back after ${awayMs}`),
  })
})

/** All commands that are permitted now, at most `most`. */
function enterAll(to = 1, most = 1_000): Pass[] {
  const passes: Pass[] = []
  while (passes.length < most) {
    const pass = health.enter(to)
    if (pass === null) break
    passes.push(pass)
  }
  return passes
}

function close(to = 1): void {
  const pass = health.enter(to)
  if (pass === null) throw new Error('it is closed')
  health.left(pass, AWAY)
}

describe('a destination', () => {
  it('is open until it refuses, and others stay so', () => {
    expect(enterAll()).toHaveLength(1_000)
    close(2)
    expect(health.enter(2)).toBeNull()
    expect(health.enter(3)).not.toBeNull()
  })

  it('that refuses one of many is sent fewer commands, not none', () => {
    const passes = enterAll(1, 100)
    for (const pass of passes.slice(0, 4)) health.left(pass, BUSY)
    expect(health.closedFor(1)).toBe(0)
  })

  it('that refuses all is closed, and each probe that is refused closes it for longer, up to 5 s', () => {
    const times = Array.from({ length: 9 }, () => {
      close()
      const closedMs = health.closedFor(1)
      clock += closedMs
      return closedMs
    })
    expect(times).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  })

  it('admits one probe, and after its success more and more commands', () => {
    close()
    clock += 100
    const sizes: number[] = []
    while (sizes.length < 7) {
      const passes = enterAll()
      sizes.push(passes.length)
      for (const pass of passes) health.left(pass, THROUGH)
    }
    expect(sizes).toEqual([1, 2, 4, 8, 16, 32, 1_000])
  })

  it('is judged by commands that were sent after it was closed', () => {
    for (const pass of enterAll(1, 40)) health.left(pass, AWAY)
    expect(health.closedFor(1)).toBe(100)
    clock += 100
    expect(enterAll()).toHaveLength(1)
  })

  it('opens again when a command that was sent before the closing succeeds', () => {
    const slow = health.enter(1) as Pass
    for (const pass of enterAll(1, 40)) health.left(pass, AWAY)
    expect(health.closedFor(1)).toBeGreaterThan(0)
    health.left(slow, THROUGH)
    expect(health.closedFor(1)).toBe(0)
    expect(health.enter(1)).not.toBeNull()
  })

  it('that stays closed is reported once, and its recovery once', () => {
    for (let count = 0; count < 8; count += 1) {
      close()
      clock += health.closedFor(1)
    }
    expect(told).toEqual(['1 UNAVAILABLE'])
    const [probe] = enterAll() as [Pass]
    health.left(probe, THROUGH)
    expect(told).toHaveLength(2)
    expect(told[1]).toMatch(/^1 back after \d+$/)
  })

  it('that is closed for a short time is not reported', () => {
    close()
    clock += 100
    const [probe] = enterAll() as [Pass]
    health.left(probe, THROUGH)
    expect(told).toEqual([])
  })

  it('recovers after any sequence of answers', () => {
    const ends = fc.constantFrom(THROUGH, ALONE, BUSY, AWAY)
    const steps = fc.array(
      fc.record({ end: ends, waitMs: fc.nat(300), atOnce: fc.integer({ min: 1, max: 80 }) }),
    )
    fc.assert(
      fc.property(steps, (history) => {
        for (const { end, waitMs, atOnce } of history) {
          for (const pass of enterAll(7, atOnce)) health.left(pass, end)
          clock += waitMs
        }
        clock += 5_000
        for (let rounds = 0; rounds < 8; rounds += 1)
          for (const pass of enterAll(7, 100)) health.left(pass, THROUGH)
        const passes = enterAll(7)
        for (const pass of passes) health.left(pass, ALONE)
        expect(passes).toHaveLength(1_000)
      }),
    )
  })
})

describe('the answer to a command', () => {
  const refusal = (disposition: GatewayDisposition, status: string) =>
    new GatewayError('it said so', { disposition, status })

  it('shows that its partition works if it looked for the job', () => {
    for (const answer of [null, refusal('gone', 'NOT_FOUND'), refusal('notActive', 'FAILED_PRECONDITION')])
      expect(commandEnd(answer)).toEqual(THROUGH)
  })

  it.each([
    ['RESOURCE_EXHAUSTED', 'busy'],
    ['UNAVAILABLE', 'away'],
    ['DEADLINE_EXCEEDED', 'away'],
    ['UNAUTHENTICATED', 'away'],
    ['INTERNAL', 'alone'],
    ['UNKNOWN', 'alone'],
    ['ABORTED', 'alone'],
  ])('%s shows that it is %s', (status, kind) => {
    expect(commandEnd(refusal('later', status))).toMatchObject({ kind })
  })

  it('shows nothing about the partition if it concerns the command alone', () => {
    expect(commandEnd(refusal('tooLarge', 'RESOURCE_EXHAUSTED'))).toEqual(ALONE)
    expect(commandEnd(refusal('rejected', 'PERMISSION_DENIED'))).toEqual(ALONE)
    expect(commandEnd(new Error('a fault'))).toEqual(ALONE)
  })
})
