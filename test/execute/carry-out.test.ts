// What an execution led to is done: Redis and Zeebe see no value of a secret, and nothing of a job that is not this worker's.
import { describe, expect, it } from 'vitest'
import { type CarryOutParts, type Claimed, carryOut } from '../../src/execute/carry-out.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ReadRequest } from '../../src/execute/read-request.ts'
import { unsteadyError } from '../../src/execute/true-lane.ts'
import type { Next, PutBack } from '../../src/execute/what-next.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import type { Standing } from '../../src/ledger/job-state.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const OTHER = 'default@eu-west-1@hidden' as LaneName
const mask = (text: string): string => text.replaceAll('hidden', '***')

/** Does what comes next of a job with a secret, and tells what came of it. */
async function done(next: Next, standing: Standing = 'ours') {
  const seen = { deferred: [] as Record<string, unknown>[], told: [] as unknown[], avoided: [] as LaneName[] }
  const events = makeEvents()
  events.on('deferred', ({ reason, delayMs }) => seen.told.push({ reason, delayMs }))
  const parts = {
    ...{ events, tracing: NO_TRACING, codec: makePayloadCodec() },
    store: {
      async defer(_key: unknown, _epoch: unknown, progress: Record<string, unknown>) {
        seen.deferred.push(progress)
        return standing
      },
      answer: async () => true,
    },
    rules: {
      async failed(_job: unknown, { message }: Error, masking = String) {
        seen.told.push(masking(message))
        return { outcome: { kind: 'failed', retries: 0, message: '' }, errorType: null }
      },
    },
  } as unknown as CarryOutParts
  const claimed = {
    job: { key: jobKey('7'), epoch: 1, bpmnProcessId: 'order', tenantId: 'gold', customHeaders: '{}' },
    served: { name: LANE, avoid: (lane: LaneName) => seen.avoided.push(lane) },
    started: { start: 'worker#1', failure: 'the last one' },
    ...{ takenAtMs: 0, waitedMs: 0, insist: <T>(step: () => Promise<T>) => step() },
    read: { mask, used: [] } as unknown as ReadRequest,
  } as unknown as Claimed
  return { disposal: await carryOut(parts, claimed, next), ...seen }
}

const counts = { sends: 2, throttles: 1, outages: 0 }
const back = (rest: Partial<PutBack> = {}): PutBack => ({
  ...{ kind: 'putBack', reason: 'throttle', delayMs: 0, counts },
  ...rest,
})

describe('a job that is put back', () => {
  it('keeps its progress, and its failure without the values of secrets', async () => {
    const failure = { name: 'ThrottlingException', message: 'slow down, hidden' }
    const { deferred, told, disposal } = await done(back({ delayMs: 9, failure }))
    expect(deferred).toEqual([{ ...counts, start: 'worker#1', trace: '', failure: expect.any(String) }])
    expect(deferred[0]?.['failure']).toContain('slow down, ***')
    expect(told).toEqual([{ reason: 'throttle', delayMs: 9 }])
    expect(disposal).toEqual({ kind: 'delayed', delayMs: 9 })
  })

  it('keeps the previous failure if there is no new one', async () => {
    expect((await done(back())).deferred[0]).toMatchObject({ failure: 'the last one' })
  })

  it.each<[Partial<PutBack>, object]>([
    [{}, { kind: 'requeued' }],
    [
      { reason: 'budget', delayMs: 9 },
      { kind: 'delayed', delayMs: 9, forBudget: true },
    ],
    [
      { reason: 'reading', delayMs: 9 },
      { kind: 'delayed', delayMs: 9, unread: true },
    ],
  ])('is delayed or requeued by its reason: %j', async (rest, disposal) => {
    expect((await done(back(rest))).disposal).toEqual(disposal)
  })

  it.each<[Standing, object]>([
    ['taken', { kind: 'delayed', delayMs: 5_000 }],
    ['over', { kind: 'finished' }],
  ])('and no longer belongs to this worker is left alone: %s', async (standing, disposal) => {
    expect(await done(back(), standing)).toMatchObject({ disposal, told: [] })
  })

  it('keeps other jobs from the lane that lacks its model', async () => {
    expect((await done(back({ avoid: OTHER }))).avoided).toEqual([OTHER])
  })
})

it('a logged failure has no values of secrets, even if it names the requested lane', async () => {
  const { told } = await done({ kind: 'fail', error: unsteadyError(LANE, OTHER) })
  expect(told).toEqual([expect.stringContaining('default@eu-west-1@***')])
})

describe('long answers', () => {
  const MIB = 1024 * 1024

  /** Carries out answers of these sizes together; gives how many were decided at a time, at the most. */
  async function mostAtATime(sizes: readonly number[], insisting = new AbortController().signal) {
    let [running, most] = [0, 0]
    const parts = {
      ...{ events: makeEvents(), tracing: NO_TRACING, codec: makePayloadCodec() },
      store: { answer: async () => true },
      answers: makeJobRoom(8 * MIB),
      stop: { insisting },
      rules: {
        async responded() {
          running += 1
          most = Math.max(most, running)
          await new Promise(setImmediate)
          running -= 1
          return { outcome: { kind: 'completed', variables: '{}' }, errorType: null }
        },
      },
    } as unknown as CarryOutParts
    const claimed = {
      job: { key: jobKey('7'), epoch: 1, bpmnProcessId: 'order', tenantId: 'gold', customHeaders: '{}' },
      ...{ served: { name: LANE }, started: {}, read: null, takenAtMs: 0 },
      insist: <T>(step: () => Promise<T>) => step(),
    } as unknown as Claimed
    const next = (bytes: number) => ({ kind: 'respond', bytes }) as unknown as Next
    await Promise.all(sizes.map((bytes) => carryOut(parts, claimed, next(bytes))))
    return most
  }

  it('wait for each other, and one that is larger than the room runs alone', async () => {
    expect(await mostAtATime([5 * MIB, 5 * MIB, 5 * MIB])).toBe(1)
    expect(await mostAtATime([40 * MIB, 5 * MIB])).toBe(1)
  })

  it('do not hold up short ones, nor the end of a worker', async () => {
    expect(await mostAtATime([5 * MIB, 1_000, 1_000])).toBe(3)
    expect(await mostAtATime([5 * MIB, 5 * MIB], AbortSignal.abort())).toBe(2)
  })
})
