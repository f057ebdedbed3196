// The job state in Redis, held against the rule it carries out.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import { decideAcceptance, type JobRecord } from '../../src/job/job-state.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type JobStore, makeJobStore } from '../../src/redis/job-store.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { makeOutbox, REPORTERS } from '../../src/redis/outbox.ts'

const prefix = `test-${process.pid}-${Date.now()}`
const lane = 'default@eu-west-1@m' as LaneName
let redis: ReturnType<typeof connectRedis>
let store: JobStore
let keys: Keys
let nextKey = 2_251_799_813_685_249n

beforeAll(() => {
  redis = connectRedis({ url: inject('redisUrl'), name: 'test', onError: () => undefined })
  keys = makeKeys(prefix)
  store = makeJobStore(redis, keys)
})
afterAll(() => closeRedis(redis))

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

/** The rule's record, and the retries that the script compares with. */
type Known = JobRecord & { readonly sends: number }
const FAILED_TO = 1
/** Leaves the deadline of a job that is done as it was. */
const NO_LEASE = -1e13

function answer(outcome: string, failedTo: number | null = null) {
  return { after: 'called', outcome, failedTo } as const
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

describe('accepting', () => {
  it('follows the rule of job-state.ts through any history of a job', async () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('activate' as const),
        input: fc.constantFrom('a', 'b'),
        deadlineMs: fc.nat(5),
        retries: fc.nat(2),
      }),
      fc.record({
        do: fc.constantFrom(
          'start' as const,
          'defer' as const,
          'answer' as const,
          'done' as const,
          'released' as const,
          'kept' as const,
        ),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const key = freshKey()
        let record = null as Known | null
        for (const next of steps) {
          if (next.do === 'activate') {
            const expected = decideAcceptance(record, next)
            const accepted = await accept(key, next.input, next.deadlineMs, next.retries)
            expect(accepted.acceptance).toBe(expected)
            if (expected === 'new') {
              if (record !== null) expect(accepted.epoch).toBe(record.epoch + 1)
              const { input, deadlineMs, retries } = next
              record = {
                state: 'queued',
                epoch: accepted.epoch,
                input,
                deadlineMs,
                retries,
                failedTo: null,
                sends: 0,
              }
            } else if (record !== null) {
              const state = record.state === 'kept' ? 'answered' : record.state
              record = { ...record, state, deadlineMs: Math.max(record.deadlineMs, next.deadlineMs) }
            }
            expect(accepted.epoch).toBe(record?.epoch)
          } else if (record !== null) {
            record = await move(key, record, next.do)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('counts what is held, and what waits to be reported', async () => {
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

  it('takes an activation made before Zeebe was told for a duplicate, whatever its lease', async () => {
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

  it('puts a result that Zeebe could not take on its way again when the job comes back', async () => {
    const { key, epoch } = await started()
    await store.answer(key, epoch, answer('paid for'))
    await report(key, epoch, 'kept')
    expect(await store.readAnswer(key, epoch)).toBeNull()
    expect(await accept(key)).toMatchObject({ acceptance: 'answered', epoch })
    expect(await store.readAnswer(key, epoch)).toEqual({ lane, outcome: 'paid for' })
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
  await store.start(key, epoch)
  return { key, epoch }
}

async function move(
  key: JobKey,
  record: Known,
  by: 'start' | 'defer' | 'answer' | 'done' | 'released' | 'kept',
): Promise<Known> {
  const { state, epoch } = record
  switch (by) {
    case 'start': {
      const may = state === 'queued' || state === 'running'
      expect((await store.start(key, epoch)) !== null).toBe(may)
      return may ? { ...record, state: 'running' } : record
    }
    case 'defer': {
      const done = await store.defer(key, epoch, { sends: 1, throttles: 0, failure: '' })
      // A second time is the same once more: ioredis sends a command again whose reply was lost.
      expect(done).toBe(state === 'running' || (state === 'queued' && record.sends === 1))
      return done ? { ...record, state: 'queued', sends: 1 } : record
    }
    case 'answer': {
      const done = await store.answer(key, epoch, answer('outcome', FAILED_TO))
      expect(done).toBe(state === 'queued' || state === 'running')
      const failedTo = FAILED_TO === record.retries ? null : FAILED_TO
      return done ? { ...record, state: 'answered', failedTo } : record
    }
    default: {
      const done = state === 'answered' ? await report(key, epoch, by) : false
      expect(done).toBe(state === 'answered')
      return done ? { ...record, state: by } : record
    }
  }
}

describe('an epoch', () => {
  it('that was superseded is not started, and its late answer is not taken', async () => {
    const { key, epoch } = await started()
    expect((await accept(key, 'other input')).epoch).toBe(epoch + 1)
    expect(await store.start(key, epoch)).toBeNull()
    expect(await store.answer(key, epoch, answer('late'))).toBe(false)
    expect(await store.start(key, epoch + 1)).not.toBeNull()
  })

  it('is answered once, however many answer it', async () => {
    const { key, epoch } = await started()
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((outcome) => store.answer(key, epoch, answer(outcome))),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  it('that waited too long is failed only while no worker has it', async () => {
    const { key, epoch } = await started()
    const expired = { after: 'waited', outcome: 'expired', failedTo: 2 } as const
    expect(await store.answer(key, epoch, expired)).toBe(false)
    await store.defer(key, epoch, { sends: 1, throttles: 1, failure: '' })
    expect(await store.answer(key, epoch, expired)).toBe(true)
  })

  it('that another worker put back after a stall keeps the answer that was paid for', async () => {
    const { key, epoch } = await started()
    await store.defer(key, epoch, { sends: 1, throttles: 1, failure: '' })
    expect(await store.answer(key, epoch, answer('late, but paid for'))).toBe(true)
  })

  it('remembers its sends and its throttles over deferrals', async () => {
    const { key, epoch } = await started()
    await store.defer(key, epoch, { sends: 2, throttles: 1, failure: '{"name":"T"}' })
    expect(await store.start(key, epoch)).toMatchObject({ sends: 2, throttles: 1, failure: '{"name":"T"}' })
  })
})

describe('the outbox', () => {
  it('hands an outcome to one reader, and to another when that one hands it back', async () => {
    const readers = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const blocking = connectRedis({ url: inject('redisUrl'), name, onError: () => undefined })
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
    expect((await two.outbox.takeOver(60_000, 10)).filter((entry) => entry.key === key)).toEqual([])
    await one.outbox.handBack(mine[0] ?? { entryId: '', key, epoch })
    expect((await two.outbox.takeOver(60_000, 10)).filter((entry) => entry.key === key)).toEqual(mine)
    expect(await store.readAnswer(key, epoch)).toEqual({ lane, outcome: 'stored' })
    for (const { outbox } of readers) outbox.interrupt()
  })
})
