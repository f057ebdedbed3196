// A process that executes and reports: its outcomes are reported without reading them back, and never those of another.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type JobStore, makeJobStore, type StoredAnswer } from '../../src/ledger/job-store.ts'
import { withOwnAnswers } from '../../src/ledger/own-answers.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const lane = 'default@eu-west-1@m' as LaneName
const key = jobKey('2251799813685249')
let other: JobStore
let store: JobStore
let reads: number
let nowMs: number

beforeEach(() => {
  const plain = makeJobStore(redis, makeKeys(`test-${randomUUID()}`))
  reads = 0
  nowMs = 0
  other = plain
  store = withOwnAnswers(
    {
      ...plain,
      readAnswer(...asked) {
        reads += 1
        return plain.readAnswer(...asked)
      },
    },
    () => nowMs,
  )
})
afterAll(() => closeRedis(redis))

async function started(input = 'same', deadlineMs = 1_000): Promise<number> {
  const job = { key, input, deadlineMs, retries: 3, lane, bytes: 10, leaseDueMs: 1_000, processId: 'order' }
  const epoch = (await store.accept([job]))[0]?.epoch ?? 0
  await store.start(key, epoch, randomUUID())
  return epoch
}

function outcome(text: string): StoredAnswer {
  const of = { lane, processId: 'order' }
  return { after: 'called', kind: 'completed', outcome: text, failedTo: null, trace: '00-1-2-01', of }
}

describe('an outcome that this process stored', () => {
  it('is read once without Redis, as Redis has it, and then from Redis', async () => {
    const epoch = await started()
    // As when its outbox entry arrives before Redis’s reply.
    const stored = store.answer(key, epoch, outcome('mine'))
    const own = await store.readAnswer(key, epoch)
    expect([await stored, reads]).toEqual([true, 0])
    expect(own).toEqual(await other.readAnswer(key, epoch))
    expect(await store.readAnswer(key, epoch)).toEqual(own)
    expect(reads).toBe(1)
  })

  it('is read from Redis if another answered first', async () => {
    const epoch = await started()
    await other.answer(key, epoch, outcome('theirs'))
    expect(await store.answer(key, epoch, outcome('mine'))).toBe(false)
    expect(await store.readAnswer(key, epoch)).toMatchObject({ outcome: 'theirs' })
  })

  it('is read from Redis after a while: the job may be a new order', async () => {
    const epoch = await started()
    await store.answer(key, epoch, outcome('mine'))
    nowMs += 500
    expect(await started('changed', 2_000)).toBe(epoch + 1)
    expect(await store.readAnswer(key, epoch)).toBeNull()
  })

  it('is read from Redis if it is long, or if later ones took its place', async () => {
    const epoch = await started()
    await store.answer(key, epoch, outcome('x'.repeat(64 * 1_024 + 1)))
    expect((await store.readAnswer(key, epoch))?.outcome).toHaveLength(64 * 1_024 + 1)
    await store.answer(key, 1_000, outcome('first'))
    for (let each = 1_001; each <= 1_017; each += 1)
      await store.answer(key, each, outcome('x'.repeat(64_000)))
    await store.readAnswer(key, 1_000)
    expect(reads).toBe(2)
  })
})
