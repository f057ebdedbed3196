import { describe, expect, it } from 'vitest'
import { makeTurns, type TurnAsked, type TurnGrant } from '../../src/execute/turns.ts'
import type { LaneName } from '../../src/job/ids.ts'
import type { Wait } from '../../src/lanes/pace/pace-store.ts'

const HOME = 'home' as LaneName
const GO: TurnGrant = { kind: 'go', lane: HOME, sentAt: 1 }
const NEVER = new AbortController().signal
const wait = (waitMs: number, reason: Wait['reason'] = 'requests'): TurnGrant => ({
  ...{ kind: 'wait' as const, waitMs, reason },
  pace: 1,
})

/** Turns whose pace answers as `grant` says. */
function turnsOf(grant: (asked: TurnAsked) => TurnGrant, look: () => Wait | null = () => null) {
  const asked: TurnAsked[] = []
  const turns = makeTurns({
    async reserve(each) {
      asked.push(each)
      return grant(each)
    },
    trial: async () => null,
    look: async () => look(),
    settle: async () => undefined,
    onFailure: () => undefined,
    now: () => performance.now(),
  })
  const take = (tokens: number, { stays = false, signal = NEVER } = {}) =>
    turns.take({ tokens, stays, waitedMs: 0 }, signal)
  return { turns, take, asked }
}

describe('a turn', () => {
  it('is waited for until its signal is aborted, anywhere in the queue, and those behind move up', async () => {
    let open = false
    const { take, asked } = turnsOf(() => (open ? GO : wait(5)))
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()]
    const taken = [take(1, { signal: first.signal })]
    await expect.poll(() => asked.length).toBeGreaterThan(1)
    taken.push(take(2, { signal: second.signal }), take(3, { signal: third.signal }))
    second.abort()
    expect(await taken[1]).toEqual({ kind: 'stopped' })
    first.abort()
    expect(await taken[0]).toEqual({ kind: 'stopped' })
    expect(await take(4, { signal: first.signal })).toEqual({ kind: 'stopped' })
    open = true
    expect(await taken[2]).toMatchObject({ kind: 'go', turn: { tokens: 3 } })
    expect(asked.some(({ tokens }) => tokens === 2 || tokens === 4)).toBe(false)
  })

  it('comes at once where the pace allows it', async () => {
    const { take } = turnsOf(() => GO)
    expect(await take(7)).toEqual({ kind: 'go', turn: { lane: HOME, sentAt: 1, tokens: 7 } })
  })

  it('comes in the order of requests, and only the first in the queue asks Redis', async () => {
    let open = false
    const { take, asked } = turnsOf(() => (open ? GO : wait(5)))
    const order: number[] = []
    const first = take(1).then(() => order.push(1))
    await expect.poll(() => asked.length).toBeGreaterThan(1)
    const others = [2, 3].map((tokens) => take(tokens).then(() => order.push(tokens)))
    await expect.poll(() => asked.at(-1)?.waiting).toBe(3)
    expect(asked.every(({ tokens }) => tokens === 1)).toBe(true)
    open = true
    await Promise.all([first, ...others])
    expect(order).toEqual([1, 2, 3])
  })

  it('is requested in growing batches while all succeed, and singly again after a wait', async () => {
    let isOpen = false
    const questions: number[][] = []
    const together: number[] = []
    const { take, asked } = turnsOf(({ tokens }) => {
      if (together.length === 0) queueMicrotask(() => questions.push(together.splice(0)))
      together.push(tokens)
      return isOpen && tokens !== 5 ? GO : wait(5)
    })
    const first = new AbortController()
    const waiting = [take(1, { signal: first.signal })]
    await expect.poll(() => asked.length).toBeGreaterThan(1)
    waiting.push(...[2, 3, 4, 5].map((tokens) => take(tokens, { signal: first.signal })))
    isOpen = true
    await Promise.all(waiting.slice(0, 4))
    await expect.poll(() => questions.filter((each) => each.includes(5)).length).toBeGreaterThan(2)
    first.abort()
    expect(await waiting[4]).toEqual({ kind: 'stopped' })
    const grants = questions.slice(questions.findIndex((each) => each.length > 1) - 1)
    expect(grants.slice(0, 4)).toEqual([[1], [2, 3], [4, 5], [5]])
  })

  it('that is far away sends all waiting jobs back to the lane', async () => {
    const { take } = turnsOf(() => wait(60_000, 'cooldown'))
    expect(await Promise.all([take(1), take(2)])).toEqual([
      { kind: 'later', waitMs: 60_000, waitedFor: 'cooldown' },
      { kind: 'later', waitMs: 60_000, waitedFor: 'cooldown' },
    ])
  })

  it('of a job that must stay blocks none that may go to another lane', async () => {
    const { take } = turnsOf(({ stays, tokens }) => (stays || tokens === 1 ? wait(stays ? 60_000 : 5) : GO))
    const ahead = new AbortController()
    const first = take(1, { signal: ahead.signal })
    const staying = take(2, { stays: true })
    const free = take(3)
    ahead.abort()
    expect(await first).toEqual({ kind: 'stopped' })
    expect(await free).toMatchObject({ kind: 'go' })
    expect(await staying).toEqual({ kind: 'later', waitMs: 60_000, waitedFor: 'requests' })
  })

  it('is not requested for a job that left the queue', async () => {
    const { take, asked } = turnsOf(() => GO)
    expect(await take(1, { signal: AbortSignal.abort() })).toEqual({ kind: 'stopped' })
    expect(asked).toEqual([])
  })

  it('is given back when its job was aborted', async () => {
    const { take } = turnsOf(() => wait(5))
    const gone = new AbortController()
    const taken = take(1, { signal: gone.signal })
    gone.abort()
    expect(await taken).toEqual({ kind: 'stopped' })
  })
})

describe('a lane that sends nothing for a while', () => {
  it('is remembered as closed until it sends again', async () => {
    let closed: Wait | null = { kind: 'wait', waitMs: 60_000, reason: 'cooldown', pace: 1 }
    const { turns, take } = turnsOf(
      () => wait(60_000, 'cooldown'),
      () => closed,
    )
    await take(1)
    expect(await turns.closed()).toBe(true)
    closed = null
    expect(await turns.closed()).toBe(false)
  })
})
