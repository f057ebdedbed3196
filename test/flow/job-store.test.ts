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

function freshKey(): JobKey {
  nextKey += 1n
  return jobKey(String(nextKey))
}

async function accept(key: JobKey, input = 'same', deadlineMs = 1_000, retries = 3) {
  const [accepted] = await store.accept([{ key, input, deadlineMs, retries, lane }])
  if (accepted === undefined) throw new Error('nothing accepted')
  return accepted
}

/** The rule's record, and the retries that the script compares with. */
type Known = JobRecord & { readonly retries: number }
const FAILED_TO = 1

function answer(outcome: string, failedTo: number | null = null) {
  return { from: 'running', outcome, failedTo } as const
}

async function report(key: JobKey, epoch: number, state: 'done' | 'released'): Promise<boolean> {
  const [entryId] = (await redis.xrevrange(keys.outbox(keys.shardOf(key)), '+', '-', 'COUNT', 1))[0] ?? []
  return store.reported(
    { key, epoch, entryId: entryId ?? '0-0', group: REPORTERS },
    { state, rememberMs: 60_000 },
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
              record = {
                state: 'queued',
                epoch: (record?.epoch ?? 0) + 1,
                input: next.input,
                deadlineMs: next.deadlineMs,
                retries: next.retries,
                failedTo: null,
              }
            } else if (expected === 'adopt' && record !== null) {
              record = { ...record, deadlineMs: next.deadlineMs }
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
    const key = freshKey()
    await accept(key)
    expect(await store.backlog()).toEqual({ ...before, held: before.held + 1 })
    await store.start(key, 1)
    await store.answer(key, 1, answer('x'))
    expect(await store.backlog()).toEqual({ held: before.held, outcomes: before.outcomes + 1 })
    await report(key, 1, 'done')
    expect(await store.backlog()).toEqual(before)
  })
})

async function move(
  key: JobKey,
  record: Known,
  by: 'start' | 'defer' | 'answer' | 'done' | 'released',
): Promise<Known> {
  const { state, epoch } = record
  switch (by) {
    case 'start': {
      const may = state === 'queued' || state === 'running'
      expect((await store.start(key, epoch)) !== null).toBe(may)
      return may ? { ...record, state: 'running' } : record
    }
    case 'defer': {
      const done = await store.defer(key, epoch, { sends: 1, throttles: 0, throttle: '' })
      expect(done).toBe(state === 'running')
      return done ? { ...record, state: 'queued' } : record
    }
    case 'answer': {
      const done = await store.answer(key, epoch, answer('outcome', FAILED_TO))
      expect(done).toBe(state === 'running')
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
    const key = freshKey()
    await accept(key, 'old')
    await store.start(key, 1)
    expect((await accept(key, 'new')).epoch).toBe(2)
    expect(await store.start(key, 1)).toBeNull()
    expect(await store.answer(key, 1, answer('late'))).toBe(false)
    expect(await store.start(key, 2)).not.toBeNull()
  })

  it('is answered once, however many answer it', async () => {
    const key = freshKey()
    await accept(key)
    await store.start(key, 1)
    const answers = await Promise.all(['a', 'b', 'c'].map((outcome) => store.answer(key, 1, answer(outcome))))
    expect(answers.filter(Boolean)).toHaveLength(1)
  })

  it('remembers its sends and its throttles over deferrals', async () => {
    const key = freshKey()
    await accept(key)
    await store.start(key, 1)
    await store.defer(key, 1, { sends: 2, throttles: 1, throttle: '{"name":"T"}' })
    expect(await store.start(key, 1)).toMatchObject({ sends: 2, throttles: 1, throttle: '{"name":"T"}' })
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
    const key = freshKey()
    await accept(key)
    await store.start(key, 1)
    await store.answer(key, 1, answer('stored'))
    const mine = (await one.outbox.read(10, 1_000)).filter((entry) => entry.key === key)
    expect(mine).toHaveLength(1)
    expect((await two.outbox.takeOver(60_000, 10)).filter((entry) => entry.key === key)).toEqual([])
    await one.outbox.handBack(mine[0] ?? { entryId: '', key, epoch: 0 })
    expect((await two.outbox.takeOver(60_000, 10)).filter((entry) => entry.key === key)).toEqual(mine)
    expect(await store.readAnswer(key, 1)).toEqual({ lane, outcome: 'stored' })
    for (const { outbox } of readers) outbox.interrupt()
  })
})
