// The pace in Redis does as the pure one does, move by move; and what it means for BullMQ.
import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { makeLaneLooks } from '../../src/lanes/look-lanes.ts'
import type { PaceEnd } from '../../src/lanes/pace/lane-pace.ts'
import { freshPace, type PaceState } from '../../src/lanes/pace/pace-state.ts'
import { type LaneLimits, makePaceStore, type PaceStore } from '../../src/lanes/pace/pace-store.ts'
import { connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { NO_QUOTA as NO_QUOTA_AT_ALL } from '../../src/rules/lane-quota.ts'
import { elapse, mayTry, reserve, settle } from '../lanes/pace/model/lane-pace.ts'
import { NOTHING, play } from '../lanes/pace/pace-play.ts'

let redis: RedisClient
let keys: Keys
let store: PaceStore
const NO_QUOTA: LaneLimits = { ...NO_QUOTA_AT_ALL, asker: 'own' }
const lane = (): LaneName => `default@eu-west-1@m-${randomUUID()}` as LaneName

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'pace-test', onError: () => undefined })
  keys = makeKeys(`pace-${randomUUID()}`)
  store = makePaceStore(redis, keys, 'test')
})
afterAll(() => redis?.quit())

async function stateOf(name: LaneName): Promise<PaceState> {
  const fields = await redis.hgetall(keys.pace(name))
  const {
    gate: _,
    refused: _r,
    head: __,
    headUntil: ___,
    outageWhy: ____,
    coolWhy: _____,
    okBy: _b,
    okAt: _a,
    ...state
  } = fields
  return Object.fromEntries(
    Object.entries(state).map(([field, text]) => [field, Number(text)]),
  ) as unknown as PaceState
}

/** The time that a script found: the state is that of then. */
async function asked(name: LaneName, quota: LaneLimits, tokens: number) {
  const grant = await store.reserve(name, quota, { tokens, waiting: 1 })
  return { grant, state: await stateOf(name) }
}

async function tried(name: LaneName, quota: LaneLimits) {
  const sentAt = await store.trial(name, quota)
  const grant = sentAt === null ? { kind: 'wait' as const } : { kind: 'go' as const, sentAt }
  return { grant, state: await stateOf(name) }
}

const quotas = fc.record({
  requestsPerMinute: fc.option(fc.integer({ min: 1, max: 60_000 })),
  tokensPerMinute: fc.option(fc.integer({ min: 1_000, max: 1_000_000 })),
  concurrency: fc.constant(null),
  burstSeconds: fc.constantFrom(1, 10),
  asker: fc.constant('own' as const),
})

describe('the pace in Redis', () => {
  it('changes as the pure model does', async () => {
    await fc.assert(
      fc.asyncProperty(
        play(),
        quotas,
        fc.array(fc.integer({ min: 0, max: 5_000 })),
        fc.array(fc.boolean()),
        async (moves, quota, costs, trials) => {
          const name = lane()
          let state: PaceState | undefined
          for (const [index, { afterMs, tookMs, call }] of moves.slice(0, 20).entries()) {
            // Time is moved by moving what is remembered into the past.
            if (state !== undefined) {
              state = aged(state, afterMs)
              await age(name, state)
            }
            const tokens = costs[index] ?? 100
            const isTrial = trials[index] ?? false
            const after = isTrial ? await tried(name, quota) : await asked(name, quota, tokens)
            const now = after.state.at
            const begun = elapse(state ?? freshPace(now, quota), now, quota)
            const trial = { state: begun, decision: { kind: mayTry(begun) ? 'go' : 'wait' } }
            const expected = isTrial ? trial : reserve(begun, quota, tokens)
            expect(after.grant.kind).toBe(expected.decision.kind)
            agree(after.state, expected.state)
            state = after.state
            if (after.grant.kind === 'wait') continue
            // Of the calls in flight BullMQ knows, and here are none.
            const sentAt = after.grant.sentAt - tookMs
            const ended = { ...call, inFlight: 0, isTrial, sentAt, reserved: isTrial ? 0 : call.reserved }
            const before = state.outageSince
            const change = await store.settle(name, quota, ended)
            const settled = await stateOf(name)
            const [began, over] = [before === 0, settled.outageSince === 0]
            expect(change?.kind ?? null).toBe(began === over ? null : began ? 'began' : 'ended')
            agree(settled, settle(elapse(state, settled.at, quota), quota, ended))
            state = settled
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('limits calls in flight by BullMQ’s active list when Bedrock is overloaded', async () => {
    const name = lane()
    await redis.rpush(
      keys.queueKey(name, 'active'),
      ...Array.from({ length: 10 }, (_, index) => `z-${index}`),
    )
    const { grant } = await asked(name, NO_QUOTA, 0)
    if (grant.kind === 'wait') throw new Error('it may send')
    await store.settle(name, NO_QUOTA, { ...NOTHING, end: 'overload', sentAt: grant.sentAt })
    const queue = new Queue(keys.queue(name), { connection: redis, prefix: keys.prefix })
    expect(await queue.getGlobalConcurrency()).toBe(7)
    await queue.close()
  })

  it('lets BullMQ fetch a little faster than the pace, and nothing while fetched jobs wait', async () => {
    const name = lane()
    const quota = { ...NO_QUOTA, requestsPerMinute: 6_000, concurrency: 5 }
    await store.look(name, quota)
    const queue = new Queue(keys.queue(name), { connection: redis, prefix: keys.prefix })
    const limit = await queue.getGlobalRateLimit()
    expect((limit?.max ?? 0) / (limit?.duration ?? 1)).toBeCloseTo(0.109, 2)
    expect(await queue.getGlobalConcurrency()).toBe(5)
    const slow = { ...quota, requestsPerMinute: 6 }
    let grant = await store.reserve(name, slow, { tokens: 0, waiting: 1 })
    while (grant.kind === 'go') grant = await store.reserve(name, slow, { tokens: 0, waiting: 1 })
    expect(await queue.getRateLimitTtl(1)).toBeGreaterThan(0)
    await queue.close()
  })

  it('lets a worker check each second, even at one call a minute, so that a change is noticed', async () => {
    const name = lane()
    await store.look(name, { ...NO_QUOTA, requestsPerMinute: 1 })
    const queue = new Queue(keys.queue(name), { connection: redis, prefix: keys.prefix })
    expect(await queue.getGlobalRateLimit()).toEqual({ max: 1, duration: 1_000 })
    await queue.close()
  })

  it('gives visitors only what the lane’s own jobs leave', async () => {
    const name = lane()
    const quota = { ...NO_QUOTA, requestsPerMinute: 60 }
    const visitor = { ...quota, asker: 'visitor' as const }
    await redis.zadd(keys.prioritized(name), 1, 'z-1-1')
    const asked = { tokens: 0, waiting: 1 }
    expect(await store.reserve(name, visitor, asked)).toMatchObject({ kind: 'wait' })
    await redis.del(keys.prioritized(name))
    expect(await store.reserve(name, visitor, asked)).toMatchObject({ kind: 'go' })
    expect(await store.reserve(name, visitor, asked)).toMatchObject({ kind: 'wait' })
    expect(await redis.exists(keys.queueKey(name, 'limiter'), keys.queueKey(name, 'meta'))).toBe(0)
  })

  it('sends a trial beside the waiting jobs, and counts it at its end unless AWS refused its credential', async () => {
    const name = lane()
    const quota = { ...NO_QUOTA, requestsPerMinute: 6 }
    const state = () => stateOf(name)
    const trial = async (end: PaceEnd, used: number | null = null) => {
      const sentAt = (await store.trial(name, quota)) ?? expect.fail('it may be sent')
      await store.settle(name, quota, { ...NOTHING, end, sentAt, used, isTrial: true })
    }
    expect(await store.reserve(name, quota, { tokens: 0, waiting: 1 })).toMatchObject({ kind: 'go' })
    const before = await state()
    for (let each = 0; each < 20; each += 1) await trial('refused')
    await trial('unknown', 0)
    const refused = await state()
    expect(refused.level - before.level).toBeLessThan(0.5)
    expect(refused.level).toBeGreaterThanOrEqual(before.level)
    expect(refused.requestsUsed).toBeLessThanOrEqual(before.requestsUsed)
    await trial('ok')
    expect((await state()).level - refused.level).toBeCloseTo(-1, 0)
    expect((await state()).requestsUsed).toBeGreaterThan(refused.requestsUsed)
    expect(await redis.exists(keys.calls(name))).toBe(1)
  })

  it.each<[string, (name: LaneName, now: number) => Promise<unknown>]>([
    ['is paused', (name) => redis.hset(keys.queueKey(name, 'meta'), 'paused', '1')],
    ['cools down', (name, now) => redis.hset(keys.pace(name), 'coolUntil', now + 60_000)],
    ['is to be tried by one call', (name) => redis.hset(keys.pace(name), 'coolUntil', 1)],
    ['is tried by one call', (name, now) => redis.hset(keys.pace(name), 'probeUntil', now + 60_000)],
    ['has an outage', (name) => redis.hset(keys.pace(name), 'outageSince', 1)],
  ])('sends no trial of a lane that %s', async (_, change) => {
    const name = lane()
    await store.look(name, NO_QUOTA)
    expect(await store.trial(name, NO_QUOTA)).not.toBeNull()
    await change(name, (await stateOf(name)).at)
    expect(await store.trial(name, NO_QUOTA)).toBeNull()
  })

  it('counts the calls in flight of each process, and the tokens that they reserved', async () => {
    const name = lane()
    const quota = { ...NO_QUOTA, requestsPerMinute: 6_000 }
    const other = makePaceStore(redis, keys, 'other')
    const looks = makeLaneLooks(redis, keys)
    const calls = async () => Object.fromEntries((await looks.look([name]))[0]?.calls ?? [])
    const ended = { end: 'ok', sentAt: 0, reserved: 100, used: 10, retryAfterMs: 0 } as const
    for (const from of [store, store, other]) await from.reserve(name, quota, { tokens: 100, waiting: 1 })
    expect(await calls()).toEqual({ test: { calls: 2, tokens: 200 }, other: { calls: 1, tokens: 100 } })
    await store.settle(name, quota, ended)
    expect(await calls()).toEqual({ test: { calls: 1, tokens: 100 }, other: { calls: 1, tokens: 100 } })
    // A part of the count is lost, as with a master that dies: the last call sets it right.
    await redis.hset(keys.calls(name), { test: 9, 'test tokens': 900 })
    await store.settle(name, quota, ended)
    expect(await calls()).toEqual({ other: { calls: 1, tokens: 100 } })
    await looks.forgetCalls(name, ['other'])
    expect(await redis.exists(keys.calls(name))).toBe(0)
  })

  it('obeys an operator’s override at once', async () => {
    const name = lane()
    await redis.hset(keys.overrides(name), { requestsPerMinute: 120, concurrency: 3 })
    await store.look(name, { ...NO_QUOTA, requestsPerMinute: 6_000 })
    const seen = async () => (await makeLaneLooks(redis, keys).look([name]))[0]
    expect(await seen()).toMatchObject({ pace: { pace: expect.closeTo(1.98) }, concurrency: 3 })
    await redis.del(keys.overrides(name))
    await store.look(name, { ...NO_QUOTA, requestsPerMinute: 6_000 })
    expect(await seen()).toMatchObject({ pace: { pace: expect.closeTo(99) }, concurrency: null })
  })

  it('lets a large call wait for tokens at the head: smaller calls do not take them', async () => {
    const name = lane()
    const quota = { ...NO_QUOTA, requestsPerMinute: 60_000, tokensPerMinute: 60 }
    const other = makePaceStore(redis, keys, 'other')
    while ((await store.reserve(name, quota, { tokens: 1, waiting: 1 })).kind === 'go') {}
    await redis.hset(keys.pace(name), 'tokens', '0.5')
    expect(await store.reserve(name, quota, { tokens: 100, waiting: 1 })).toMatchObject({ reason: 'tokens' })
    expect(await other.reserve(name, quota, { tokens: 0, waiting: 1 })).toMatchObject({ reason: 'tokens' })
    await redis.hset(keys.pace(name), 'tokens', '5')
    expect(await store.reserve(name, quota, { tokens: 100, waiting: 1 })).toMatchObject({ kind: 'go' })
  })
})

it('jobs whose credential AWS refuses are fetched in addition to those that the pace admits', async () => {
  const name = lane()
  const quota = { ...NO_QUOTA, requestsPerMinute: 60 }
  const queue = new Queue(keys.queue(name), { connection: redis, prefix: keys.prefix })
  const fetchedPerSecond = async () => {
    const { max = 0, duration = 1 } = (await queue.getGlobalRateLimit()) ?? {}
    return (max / duration) * 1_000
  }
  for (let rate = 0; rate < 5; rate = await fetchedPerSecond()) {
    const { grant } = await asked(name, quota, 0)
    if (grant.kind !== 'go') throw new Error('what is refused takes nothing')
    await store.settle(name, quota, { ...NOTHING, end: 'refused', sentAt: grant.sentAt })
  }
  await age(name, aged(await stateOf(name), 60_000))
  await store.look(name, quota)
  expect(await fetchedPerSecond()).toBeLessThan(1.2)
  await queue.close()
})

it('calls whose credential AWS refuses take less than a tenth of the calls of their lane', async () => {
  const sent = async (others: PaceEnd | null) => {
    const { calls, elapsedMs } = await sendOver(30_000, others)
    return calls / elapsedMs
  }
  const alone = await sent(null)
  expect((await sent('refused')) / alone).toBeGreaterThan(0.9)
  // As they would if they counted.
  expect((await sent('ok')) / alone).toBeLessThan(0.8)
})

const CALL_MS = 50
const OTHERS = 100

/**
 * Sends as many calls as a lane of 600 requests a minute lets through, and 100 others among the first of them. Time is that of Redis,
 * and moved by moving what is remembered into the past.
 * @param others - how those end; null: there are none.
 */
async function sendOver(ms: number, others: PaceEnd | null) {
  const name = lane()
  const quota: LaneLimits = { ...NO_QUOTA, requestsPerMinute: 600 }
  const flying: { readonly end: PaceEnd; readonly sentAt: number; readonly agedMs: number }[] = []
  let [agedMs, calls, otherCalls, startedAt, now] = [0, 0, 0, 0, 0]
  const pass = async (passMs: number) => {
    agedMs += passMs
    await age(name, aged(await stateOf(name), passMs))
  }
  const elapsed = () => now + agedMs - startedAt
  const settleOldest = async () => {
    const call = flying.shift()
    if (call === undefined) return
    const sentAt = call.sentAt - (agedMs - call.agedMs)
    await store.settle(name, quota, { ...NOTHING, end: call.end, sentAt })
  }
  while (elapsed() < ms) {
    const isOther = others !== null && otherCalls < OTHERS && otherCalls < calls
    const { grant, state } = await asked(name, quota, 0)
    now = state.at
    if (startedAt === 0) startedAt = now
    if (grant.kind === 'go') {
      flying.push({ end: isOther ? others : 'ok', sentAt: grant.sentAt, agedMs })
      if (isOther) otherCalls += 1
      else calls += 1
    } else await pass(Math.min(Math.ceil(grant.waitMs), CALL_MS))
    while (flying[0] !== undefined && now + agedMs >= flying[0].sentAt + flying[0].agedMs + CALL_MS)
      await settleOldest()
  }
  return { calls, elapsedMs: elapsed() }
}

const TIMES = [
  ...(['at', 'cutAt', 'coolUntil', 'probeUntil', 'tokenCutAt', 'slotsAt', 'failedAt'] as const),
  ...(['outageSince', 'outageAt', 'outageUntil'] as const),
]

function aged(state: PaceState, ms: number): PaceState {
  const times = TIMES.map((field) => [field, state[field] === 0 ? 0 : state[field] - ms])
  return { ...state, ...Object.fromEntries(times) }
}

async function age(name: LaneName, state: PaceState): Promise<void> {
  await redis.hset(keys.pace(name), Object.fromEntries(TIMES.map((field) => [field, state[field]])))
}

function agree(found: PaceState, expected: PaceState): void {
  for (const [field, value] of Object.entries(expected)) {
    const seen = found[field as keyof PaceState]
    const close = Math.abs(seen - value) <= 1e-6 * Math.max(1, Math.abs(value))
    expect({ [field]: close ? value : seen }).toEqual({ [field]: value })
  }
}
