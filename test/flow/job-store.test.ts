// The job state in Redis: what job-machine.test.ts does not show.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { makeLeaseStore } from '../../src/ledger/lease-store.ts'
import { makeOutbox, REPORTERS } from '../../src/ledger/outbox.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { allOf } from './outbox-readers.ts'

const prefix = `test-${process.pid}-${Date.now()}`
const lane = 'default@eu-west-1@m' as LaneName
let redis: ReturnType<typeof connectRedis>
let store: JobStore
let keys: Keys
let nextKey = 2_251_799_813_685_249n

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  keys = makeKeys(prefix)
  store = makeJobStore(redis, keys)
})
afterAll(() => redis && closeRedis(redis))

/** What a job takes in Redis, and when its lease is due. */
const SMALL = { bytes: 10, leaseDueMs: 1_000 }

function freshKey(): JobKey {
  nextKey += 1n
  return jobKey(String(nextKey))
}

async function accept(key: JobKey, input = 'same', deadlineMs = 1_000, retries = 3) {
  const [accepted] = await store.accept([{ key, input, deadlineMs, retries, lane, ...SMALL }])
  if (accepted === undefined) throw new Error('nothing accepted')
  return accepted
}

/** Leaves the deadline of a job that is done as it was. */
const NO_LEASE = -1e13

function answer(outcome: string, failedTo: number | null = null) {
  const kind = failedTo === null ? 'completed' : 'failed'
  return { after: 'called', kind, outcome, failedTo } as const
}

async function lastEntry(key: JobKey): Promise<string> {
  const [entryId] = (await redis.xrevrange(keys.outbox(keys.shardOf(key)), '+', '-', 'COUNT', 1))[0] ?? []
  return entryId ?? '0-0'
}

async function report(key: JobKey, epoch: number, state: 'done' | 'released' | 'kept'): Promise<boolean> {
  return store.reported(
    { key, epoch, entryId: await lastEntry(key), group: REPORTERS },
    { state, rememberMs: 60_000, leaseMs: NO_LEASE },
  )
}

describe('a job whose task bounds its wait', () => {
  const bounded = async (maxWaitMs?: number, key = freshKey(), input = 'same', deadlineMs = 1_000) => {
    const order = { key, input, deadlineMs, retries: 3, lane, ...SMALL, maxWaitMs }
    const [accepted] = await store.accept([order])
    return { key, epoch: accepted?.epoch ?? 0 }
  }
  const isOver = async (key: JobKey) => {
    const held = await store.pastPatience(keys.shardOf(key), { offset: 0, limit: 1_000 })
    return held.some((each) => each.key === key)
  }

  it('is among the expired jobs when its patience is over, and no other is', async () => {
    const [over, later, without] = await Promise.all([bounded(0), bounded(60_000), bounded()])
    expect(await Promise.all([over, later, without].map(({ key }) => isOver(key)))).toEqual([
      true,
      false,
      false,
    ])
  })

  it('is no longer among them once it is answered, forgotten, withdrawn, or ordered again without a limit', async () => {
    const jobs = await Promise.all(Array.from({ length: 4 }, () => bounded(0)))
    const [answered, abandoned, withdrawn, anew] = jobs
    if (!answered || !abandoned || !withdrawn || !anew) throw new Error('not accepted')
    await store.answer(answered.key, answered.epoch, { ...answer('x'), after: 'waited' })
    await store.abandon(abandoned.key, abandoned.epoch)
    const leases = makeLeaseStore(redis, keys)
    await leases.withdraw(withdrawn.key, { rememberMs: 60_000, leaseMs: 1_000 })
    await bounded(undefined, anew.key, 'other', 2_000)
    expect(await Promise.all(jobs.map(({ key }) => isOver(key)))).toEqual([false, false, false, false])
  })

  it('is removed from the list when an older version has ended it, and only then', async () => {
    const { key } = await bounded(0)
    await store.forgetPatience(key)
    expect(await isOver(key)).toBe(true)
    await redis.hset(keys.job(key), 'state', 'answered')
    await store.forgetPatience(key)
    expect(await isOver(key)).toBe(false)
  })
})

describe('accepting', () => {
  it('a job counts it as held, and its outcome as not yet reported', async () => {
    const before = await store.backlog()
    const { key, epoch } = await started()
    expect(await store.backlog()).toEqual({
      ...before,
      held: before.held + 1,
      bytes: before.bytes + SMALL.bytes,
    })
    await store.answer(key, epoch, answer('x'))
    expect(await store.backlog()).toEqual({
      ...before,
      outcomes: before.outcomes + 1,
      bytes: before.bytes + 'x'.length,
    })
    await report(key, epoch, 'done')
    expect(await store.backlog()).toEqual(before)
  })

  it('treats an activation made before the report as a duplicate, whatever its lease', async () => {
    const { key, epoch } = await started()
    await store.answer(key, epoch, answer('x'))
    const entryId = await lastEntry(key)
    await store.reported(
      { key, epoch, entryId, group: REPORTERS },
      { state: 'done', rememberMs: 60_000, leaseMs: 30_000 },
    )
    expect((await accept(key, 'same', Date.now() + 20_000)).acceptance).toBe('duplicate')
    expect((await accept(key, 'same', Date.now() + 120_000)).acceptance).toBe('new')
  })

  it('reports a result that Zeebe could not accept again when the job comes back', async () => {
    const { key, epoch } = await started()
    await store.answer(key, epoch, answer('paid for'))
    await report(key, epoch, 'kept')
    expect(await store.readAnswer(key, epoch)).toBeNull()
    expect(await accept(key)).toMatchObject({ acceptance: 'answered', epoch })
    expect(await store.readAnswer(key, epoch)).toMatchObject({ lane, outcome: 'paid for' })
  })

  it('never gives an epoch twice, even after the job was forgotten', async () => {
    const { key, epoch } = await started()
    expect(await store.abandon(key, epoch)).toBe(true)
    expect((await accept(key)).epoch).toBeGreaterThan(epoch)
  })
})

/** A job that was accepted and started. */
async function started(): Promise<{ key: JobKey; epoch: number }> {
  const key = freshKey()
  const { epoch } = await accept(key)
  await store.start(key, epoch, 'worker#1')
  return { key, epoch }
}

describe('a job that is moved to another lane', () => {
  const other = 'default@eu-west-1@other' as LaneName

  it('is held and waits in the new lane, and only starts for a worker that takes it from there', async () => {
    const { key, epoch } = await started()
    const held = (of: LaneName) => redis.zscore(keys.heldOf(keys.shardOf(key), of), key)
    const since = await held(lane)
    const move = () => store.move(key, epoch, { lane: other, start: 'worker#1' })
    expect(await move()).toBe('ours')
    expect(await held(lane)).toBeNull()
    expect(await held(other)).toBe(since)
    // As when the reply was lost.
    expect(await move()).toBe('ours')
    expect(await store.start(key, epoch, 'worker#2', '', lane)).toEqual({ movedTo: other })
    expect(await accept(key)).toMatchObject({ acceptance: 'adopt', lane: other })
    expect(await store.start(key, epoch, 'worker#2', '', other)).toMatchObject({ moves: 1, deaths: 0 })
    expect(await move()).toBe('taken')
    await store.answer(key, epoch, answer('there'))
    expect(await held(other)).toBeNull()
    expect(await move()).toBe('over')
  })

  it('stays where it is if the start is not the latest', async () => {
    const { key, epoch } = await started()
    await store.start(key, epoch, 'worker#2', 'worker#1')
    expect(await store.move(key, epoch, { lane: other, start: 'worker#1' })).toBe('taken')
  })
})

describe('an epoch', () => {
  it('that was superseded is not started, and its late answer is not accepted', async () => {
    const { key, epoch } = await started()
    expect((await accept(key, 'other input')).epoch).toBe(epoch + 1)
    expect(await store.start(key, epoch, 'worker#2')).toBeNull()
    expect(await store.answer(key, epoch, answer('late'))).toBe(false)
    expect(await store.start(key, epoch + 1, 'worker#2')).not.toBeNull()
  })

  it('goes on when its input is the same by an older hash, and then has the new hash', async () => {
    const { key, epoch } = await started()
    const again = (input: string, ...older: string[]) =>
      store.accept([{ key, input, older, deadlineMs: 1_001, retries: 3, lane, ...SMALL }])
    expect(await again('keyed', 'another', 'same')).toMatchObject([{ acceptance: 'adopt', epoch }])
    expect(await again('keyed')).toMatchObject([{ acceptance: 'adopt', epoch }])
    // A part of a hash is none.
    expect(await again('other', 'key', 'eyed')).toMatchObject([{ acceptance: 'new', epoch: epoch + 1 }])
  })

  it('is answered once, however many workers answer it', async () => {
    const { key, epoch } = await started()
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((outcome) => store.answer(key, epoch, answer(outcome))),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  it('that waited too long fails only while no worker has it', async () => {
    const { key, epoch } = await started()
    const expired = { after: 'waited', kind: 'failed', outcome: 'expired', failedTo: 2 } as const
    expect(await store.answer(key, epoch, expired)).toBe(false)
    await store.defer(key, epoch, { start: 'worker#1', sends: 1, throttles: 1, outages: 0, failure: '' })
    expect(await store.answer(key, epoch, expired)).toBe(true)
  })

  it('keeps the answers that are to be repaired until it ends, also when it is put back for another reason', async () => {
    const { key, epoch } = await started()
    const progress = { start: 'worker#1', sends: 1, throttles: 0, outages: 0, failure: '' }
    await store.defer(key, epoch, { ...progress, repairs: 'sealed' })
    expect(await store.start(key, epoch, 'worker#2')).toMatchObject({ repairs: 'sealed' })
    await store.defer(key, epoch, { ...progress, start: 'worker#2', sends: 2 })
    expect(await store.start(key, epoch, 'worker#3')).toMatchObject({ repairs: 'sealed' })
    await store.answer(key, epoch, answer('paid'))
    await report(key, epoch, 'done')
    expect(await redis.hget(keys.job(key), 'repairs')).toBeNull()
  })

  it('that another worker put back after a stall keeps the answer that was paid', async () => {
    const { key, epoch } = await started()
    await store.defer(key, epoch, { start: 'worker#1', sends: 1, throttles: 1, outages: 0, failure: '' })
    expect(await store.answer(key, epoch, answer('late, but paid for'))).toBe(true)
  })

  it('belongs to the start that runs it until that worker is known to be dead, and the death is counted', async () => {
    const { key, epoch } = await started()
    expect(await store.start(key, epoch, 'other#1')).toMatchObject({ startedBy: 'worker#1' })
    expect(await store.start(key, epoch, 'other#1', 'worker#1')).toMatchObject({ deaths: 1, died: true })
    expect(await store.start(key, epoch, 'third#1', 'worker#1')).toMatchObject({ startedBy: 'other#1' })
  })

  it('that a second start took over is not put back by the first, whose answer is still accepted', async () => {
    const { key, epoch } = await started()
    await store.start(key, epoch, 'other#1', 'worker#1')
    const late = { start: 'worker#1', sends: 1, throttles: 1, outages: 0, failure: '' }
    expect(await store.defer(key, epoch, late)).toBe('taken')
    expect(await store.standing(key, epoch, 'other#1')).toBe('ours')
    expect(await store.defer(key, epoch, { ...late, start: 'other#1' })).toBe('ours')
    expect(await store.defer(key, epoch, late)).toBe('taken')
    expect(await store.answer(key, epoch, answer('late, but paid for'))).toBe(true)
    expect(await store.defer(key, epoch, late)).toBe('over')
    expect(await store.standing(key, epoch, 'other#1')).toBe('over')
  })

  it('that runs by an unnamed start of an older version is put back by any worker that has it', async () => {
    const { key, epoch } = await started()
    await redis.hdel(keys.job(key), 'start')
    const progress = { start: 'worker#1', sends: 1, throttles: 1, outages: 0, failure: '' }
    expect(await store.defer(key, epoch, progress)).toBe('ours')
  })

  it('that one start puts back twice after a lost reply is put back once', async () => {
    const { key, epoch } = await started()
    const progress = { start: 'worker#1', sends: 1, throttles: 1, outages: 0, failure: '' }
    expect(await store.defer(key, epoch, progress)).toBe('ours')
    expect(await store.defer(key, epoch, progress)).toBe('ours')
  })

  it('that one start claims twice after a lost reply does not count as a worker’s death', async () => {
    const { key, epoch } = await started()
    expect(await store.start(key, epoch, 'worker#1')).toMatchObject({ deaths: 0, died: false })
  })

  it('keeps its counts of sends and throttles over deferrals', async () => {
    const { key, epoch } = await started()
    await store.defer(key, epoch, {
      start: 'worker#1',
      sends: 2,
      throttles: 1,
      outages: 0,
      failure: '{"name":"T"}',
    })
    expect(await store.start(key, epoch, 'worker#2')).toMatchObject({
      sends: 2,
      throttles: 1,
      failure: '{"name":"T"}',
    })
  })
})

describe('the outbox', () => {
  it('hands an outcome to one reader, and to another when the first hands it back', async () => {
    const readers = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const blocking = connectRedis({ target: redisAt(inject('redisUrl')), name, onError: () => undefined })
        const outbox = makeOutbox(redis, blocking, keys, name)
        await outbox.prepare()
        return { outbox, blocking }
      }),
    )
    const [one, two] = readers
    if (one === undefined || two === undefined) throw new Error('no readers')
    const { key, epoch } = await started()
    await store.answer(key, epoch, answer('stored'))
    const mine = (await one.outbox.read(10, 1_000)).filter((entry) => entry.key === key)
    expect(mine).toHaveLength(1)
    const takenByTwo = async () =>
      (await allOf(two.outbox.takeOver(60_000, 10))).filter((entry) => entry.key === key)
    expect(await takenByTwo()).toEqual([])
    await one.outbox.handBack(mine)
    expect(await takenByTwo()).toEqual(mine)
    expect(await store.readAnswer(key, epoch)).toMatchObject({ lane, outcome: 'stored' })
    for (const { outbox } of readers) outbox.interrupt()
  })

  it('removes readers that have gone, but none that still has an entry', async () => {
    const blocking = connectRedis({
      target: redisAt(inject('redisUrl')),
      name: 'gone',
      onError: () => undefined,
    })
    const own = makeKeys(`${prefix}-readers`)
    const outbox = makeOutbox(redis, blocking, own, 'gone')
    await outbox.prepare()
    const other = makeJobStore(redis, own)
    const key = freshKey()
    const [accepted] = await other.accept([
      { key, input: 'same', deadlineMs: 1_000, retries: 3, lane, ...SMALL },
    ])
    const epoch = accepted?.epoch ?? 0
    await other.start(key, epoch, 'worker#1')
    await other.answer(key, epoch, answer('stored'))
    const [entry] = await outbox.read(10, 1_000)
    const readers = async () => {
      const shards = Array.from({ length: 16 }, (_, shard) => shard)
      const all = await Promise.all(
        shards.map((shard) => redis.xinfo('CONSUMERS', own.outbox(shard), REPORTERS)),
      )
      return all.filter((found) => (found as unknown[]).length > 0).length
    }
    await outbox.forgetReaders(0)
    expect(await readers()).toBe(1)
    await other.reported(
      { key, epoch, entryId: entry?.entryId ?? '', group: REPORTERS },
      { state: 'done', rememberMs: 60_000, leaseMs: 0 },
    )
    await outbox.forgetReaders(60_000)
    expect(await readers()).toBe(1)
    await outbox.forgetReaders(0)
    expect(await readers()).toBe(0)
    outbox.interrupt()
  })
})
