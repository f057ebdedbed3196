// A job that waits for its turn in a worker may be taken from it meanwhile: it is then called for by another, or not at all.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeEach, expect, inject, it } from 'vitest'
import { makeProvenCredentials } from '../../src/accounts/proven-credentials.ts'
import { makeClaimStart } from '../../src/execute/claim.ts'
import { type ExecuteParts, makeJobRunner } from '../../src/execute/execute-job.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import type { Taken, TurnEnd } from '../../src/execute/turns.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type QueuedJob, queuedJobId, writeQueuedJob } from '../../src/job/queued-job.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const GO: Taken = { kind: 'go', turn: { lane: LANE, sentAt: 0, tokens: 2 }, waitedFor: 'requests' }
const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const codec = makePayloadCodec([])
let keys: Keys
afterAll(() => closeRedis(redis))
beforeEach(() => {
  keys = makeKeys(`test-${randomUUID()}`)
})

/**
 * A worker with one job that waits for its turn.
 * @param onAnswer - what happens before it reads whose the job is. @default nothing
 */
async function waitingForItsTurn(onAnswer = async () => {}) {
  const store = makeJobStore(redis, keys)
  const standing: JobStore['standing'] = async (...asked) => {
    const answer = await store.standing(...asked)
    await onAnswer()
    return answer
  }
  const [key, name] = [jobKey('2251799813685249'), `worker-${randomUUID()}`]
  const accepting = {
    key,
    input: 'same',
    deadlineMs: 1_000,
    retries: 3,
    lane: LANE,
    bytes: 10,
    leaseDueMs: 1_000,
  }
  const accept = async () => (await store.accept([accepting]))[0]?.epoch ?? 0
  const epoch = await accept()
  const calls: string[] = []
  const [inLine, turn] = [Promise.withResolvers<void>(), Promise.withResolvers<Taken>()]
  const [events, ends, skipped] = [makeEvents(), [] as TurnEnd[], [] as string[]]
  events.on('startSkipped', ({ why }) => skipped.push(why))
  const runner = makeJobRunner({
    ...{
      store: { ...store, standing },
      codec,
      events,
      tracing: NO_TRACING,
      stop: makeWorkerStop(),
      random: Math.random,
      proven: makeProvenCredentials(),
    },
    ...{ maxStarts: 3, maxSends: 3, maxWaitMs: 60_000, callTimeoutMs: () => 1_000 },
    ...{ caching: () => undefined, requestMetadata: 'never' },
    room: makeJobRoom(),
    claim: makeClaimStart({ store, name, runs: async () => false }),
    documents: { open: () => ({ close: () => undefined }) },
    laneOf: async () => ({ account: 'default', region: 'eu-west-1', model: 'm' }),
    admits: async () => true,
    budgets: {
      check: async () => null,
      admit: async () => ({ kind: 'admitted', hold: { price: null, parts: [] } }),
      send: async () => undefined,
      settle: async () => undefined,
    },
    read: async () => ({
      kind: 'request',
      request: { call: { action: 'converse', modelId: 'm' }, credentials: { kind: 'chain' } },
      used: [],
      mask: String,
    }),
    rules: { responded: async () => ({ outcome: { kind: 'completed', variables: '{}' }, errorType: null }) },
    call: async () => {
      calls.push(name)
      return { kind: 'response', response: null, usage: NO_USAGE }
    },
  } as unknown as ExecuteParts)
  const open = {
    ...{ name: LANE, lane: { account: 'default', region: 'eu-west-1', model: 'm' }, spills: () => false },
    tokens: { measure: () => ({ estimate: { inputTokens: 1, maxTokens: 1 }, reserve: 2, used: () => null }) },
    turns: {
      take() {
        inLine.resolve()
        return turn.promise
      },
      end: async (_turn: unknown, end: TurnEnd) => void ends.push(end),
    },
  } as unknown as ServedLane
  const job: QueuedJob = {
    ...{ key, epoch, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3, elementId: 'task' },
    ...{ processDefinitionKey: '2', tenantId: '<default>', customHeaders: '{}', variables: '{}' },
  }
  const id = queuedJobId(key, epoch)
  const ended = runner.run(
    { id, name: '1 gold', payload: codec.encode(writeQueuedJob(job), id), release() {} },
    open,
  )
  await inLine.promise
  return { store, key, epoch, accept, ended, calls, ends, skipped, give: () => turn.resolve(GO) }
}

it('after a long wait a job that still belongs to its worker is called once', async () => {
  const { store, key, epoch, ended, calls, give } = await waitingForItsTurn()
  give()
  expect(await ended).toEqual({ kind: 'finished' })
  expect(calls).toHaveLength(1)
  expect(await store.readAnswer(key, epoch)).toMatchObject({ lane: LANE })
})

it('a job that Redis lost and Zeebe handed out again meanwhile stays in its new lane, and the turn is given back', async () => {
  const { key, accept, ended, calls, ends, skipped, give } = await waitingForItsTurn()
  await redis.del(keys.job(key))
  await accept()
  give()
  expect(await ended).toEqual({ kind: 'finished' })
  expect(calls).toEqual([])
  expect(skipped).toEqual(['lost'])
  expect(ends).toEqual([{ end: 'unknown', used: 0, retryAfterMs: 0 }])
})

type Waiting = Awaited<ReturnType<typeof waitingForItsTurn>>

async function takeOver({ store, key, epoch }: Pick<Waiting, 'store' | 'key' | 'epoch'>): Promise<void> {
  const running = await store.start(key, epoch, 'other#1')
  if (running === null || !('startedBy' in running)) throw new Error('not running')
  expect(await store.start(key, epoch, 'other#1', running.startedBy)).toMatchObject({ deaths: 1 })
}

it('a worker that was suspended before it checked its claim leaves the job to the worker that took it over', async () => {
  let stoodStill = false
  const waiting: Waiting = await waitingForItsTurn(async () => {
    if (stoodStill) return
    stoodStill = true
    await takeOver(waiting)
    await sleep(2_100)
  })
  waiting.give()
  expect(await waiting.ended).toEqual({ kind: 'delayed', delayMs: 5_000 })
  expect(waiting.calls).toEqual([])
  expect(waiting.skipped).toEqual(['lost'])
})

it('a worker that waited leaves its job to the worker that took it over meanwhile', async () => {
  const waiting = await waitingForItsTurn()
  const { ended, calls, skipped, give } = waiting
  await takeOver(waiting)
  give()
  // It stays in its lane: whether it is to be executed still is for the next start to find out.
  expect(await ended).toEqual({ kind: 'delayed', delayMs: 5_000 })
  expect(calls).toEqual([])
  expect(skipped).toEqual(['lost'])
})
