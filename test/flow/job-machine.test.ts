// The scripts in Redis, over the schedules that the state machine is checked with: after every move both say the same.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type JobKey, jobKey } from '../../src/job/ids.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { type LeaseStore, makeLeaseStore } from '../../src/ledger/lease-store.ts'
import { REPORTERS } from '../../src/ledger/outbox.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { expectAskedFor, expectInLane, schedules } from '../ledger/job-schedule.ts'
import { type JobKeeper, JobWorld, LANES, LEASE_MS } from '../ledger/job-world.ts'
import { type JobMove, type MoveReply, moveJob } from '../ledger/model/job-machine.ts'
import type { JobRecord } from '../ledger/model/job-record.ts'

/** The schedule's milliseconds are so long in Redis, whose own clock goes on meanwhile. */
const SCALE = 100_000

let redis: ReturnType<typeof connectRedis>
let keys: Keys
let store: JobStore
let leases: LeaseStore
let nextKey = 4_503_599_627_370_497n

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  keys = makeKeys(`test-machine-${process.pid}-${Date.now()}`)
  store = makeJobStore(redis, keys)
  leases = makeLeaseStore(redis, keys)
})
afterAll(() => redis && closeRedis(redis))

function leaseUntil(latestMs: number): number {
  return latestMs * SCALE - Date.now()
}

async function moveInRedis(key: JobKey, move: JobMove): Promise<MoveReply> {
  switch (move.move) {
    case 'accept': {
      const { input, retries, deadlineMs, lane } = move
      const job = {
        key,
        input,
        retries,
        deadlineMs: deadlineMs * SCALE,
        lane,
        bytes: 7,
        leaseDueMs: 1_000,
        // Of its own: what is counted of it is that of no job before.
        tenantId: key,
      }
      const [accepted] = await store.accept([job])
      if (accepted === undefined) throw new Error('nothing accepted')
      return { acceptance: accepted.acceptance, epoch: accepted.epoch, lane: accepted.lane }
    }
    case 'start': {
      const { epoch, start, lane: from } = move
      const begun = await store.start(key, epoch, start, '', from)
      if (begun === null) return false
      if ('movedTo' in begun) return begun
      if (!('startedBy' in begun)) return true
      return (await store.start(key, epoch, start, begun.startedBy, from)) !== null
    }
    case 'move':
      return store.move(key, move.epoch, { lane: move.lane, start: move.start })
    case 'defer':
      return store.defer(key, move.epoch, {
        start: move.start,
        sends: move.sends,
        throttles: 0,
        outages: 0,
        failure: '',
      })
    case 'answer':
      return store.answer(key, move.epoch, {
        after: move.after,
        kind: move.failedTo === null ? 'completed' : 'failed',
        outcome: 'answer',
        failedTo: move.failedTo,
      })
    case 'report': {
      const entry = { key, epoch: move.epoch, entryId: '0-1', group: REPORTERS }
      return store.reported(entry, {
        state: move.end,
        rememberMs: 600_000,
        leaseMs: leaseUntil(move.latestMs),
      })
    }
    case 'withdraw':
      return (
        (await leases.withdraw(key, { rememberMs: 600_000, leaseMs: leaseUntil(move.latestMs) })) !== null
      )
    case 'abandon':
      return store.abandon(key, move.epoch)
    case 'forget': {
      const state = await redis.hget(keys.job(key), 'state')
      if (state === null || state === 'queued' || state === 'running' || state === 'answered') return false
      return (await redis.del(keys.job(key))) === 1
    }
  }
}

async function expectSame(key: JobKey, record: JobRecord | null): Promise<void> {
  const fields = ['state', 'epoch', 'deaths', 'start', 'lane', 'moves']
  const [state, epoch, deaths, start, lane, moves] = await redis.hmget(keys.job(key), ...fields)
  const known = record && {
    state: record.state,
    epoch: String(record.epoch),
    deaths: record.deaths,
    start: record.start,
    lane: record.lane,
    moves: record.moves,
  }
  const found = {
    state,
    epoch,
    deaths: Number(deaths ?? 0),
    start: start ?? null,
    lane,
    moves: Number(moves ?? 0),
  }
  expect(state == null ? null : found).toEqual(known)
  const shard = keys.shardOf(key)
  const held = record?.state === 'queued' || record?.state === 'running'
  expect((await redis.zscore(keys.held(shard), key)) !== null).toBe(held)
  for (const each of LANES) {
    const isHere = held && record.lane === each
    expect((await redis.zscore(keys.heldOf(shard, each), key)) !== null).toBe(isHere)
    expect(await redis.hget(keys.heldBy(shard), `${key} ${each}`)).toBe(isHere ? '1' : null)
  }
  expect((await redis.zscore(keys.leases(shard), key)) !== null).toBe(held)
  const bytes = held ? 7 : record?.state === 'answered' ? 'answer'.length : 0
  expect(Number((await redis.get(keys.bytes(shard))) ?? 0)).toBe(bytes)
}

/** Moves the job in Redis and in the pure machine, and holds the two together. */
function bothKeepers(key: JobKey): JobKeeper {
  let record: JobRecord | null = null
  return {
    async move(move) {
      const reply = await moveInRedis(key, move)
      const firstEpoch = typeof reply === 'object' && 'epoch' in reply ? reply.epoch : 0
      const moved = moveJob(record, move.move === 'accept' ? { ...move, firstEpoch } : move)
      record = moved.record
      expect(reply).toEqual(moved.reply)
      await expectSame(key, record)
      return reply
    },
    state: async () => record,
  }
}

describe('the scripts in Redis', () => {
  it('move a job as the state machine does, for any sequence of events', async () => {
    await fc.assert(
      fc.asyncProperty(schedules(40), async (steps) => {
        nextKey += 1n
        const key = jobKey(String(nextKey))
        const world = new JobWorld(bothKeepers(key))
        for (const step of steps) await world.step(step)
        expect(await world.settle()).toBe(true)
        expectAskedFor(world)
        expectInLane(world)
        await redis.del(keys.job(key), keys.bytes(keys.shardOf(key)), keys.outbox(keys.shardOf(key)))
        await redis.zrem(keys.held(keys.shardOf(key)), key)
        for (const lane of LANES) await redis.zrem(keys.heldOf(keys.shardOf(key), lane), key)
        await redis.zrem(keys.leases(keys.shardOf(key)), key)
      }),
      { numRuns: 300 },
    )
    expect(LEASE_MS * SCALE).toBeGreaterThan(60_000)
  })
})
