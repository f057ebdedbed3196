// Reads single jobs from Redis for operators: the record and the place in the lane. Writes nothing, decodes no payload.
import { type JobKey, jobKey, type LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import { keyOfQueued, queuedJobId } from '../job/queued-job.ts'
import { flowOfName } from '../lanes/order/lane-order.ts'
import type { JobState } from '../ledger/job-state.ts'
import { REPORTERS } from '../ledger/outbox.ts'
import { clockMs } from '../redis/clock.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { type Ask, together } from '../redis/together.ts'

/** A job's record. Times are ms since the epoch by the clock of Redis, except the deadline. */
export interface JobRecordRead {
  readonly key: JobKey
  readonly state: JobState
  readonly epoch: number
  readonly lane: LaneName
  /** When it was accepted. */
  readonly sinceMs: number
  /** Its latest start; null before the first. */
  readonly startedMs: number | null
  /** End of the lease of its activation, by the broker's clock. */
  readonly deadlineMs: number
  /** Retries at its activation. */
  readonly retries: number
  /** Retries that its failure leaves, if that changes them; null otherwise. */
  readonly failedTo: number | null
  readonly sends: number
  readonly throttles: number
  /** Calls that AWS certainly did not execute. */
  readonly outages: number
  readonly deaths: number
  /** JSON text of the last call failure; '' for none. */
  readonly failure: string
  readonly kind: Outcome['kind'] | null
  /** BPMN process id; null where no version has written it, as each of the following. */
  readonly processId: string | null
  readonly tenantId: string | null
  readonly elementId: string | null
  readonly processInstanceKey: string | null
  /** Name of the error of its outcome, and status; null for none. */
  readonly error: string | null
  /** When its outcome was stored; null before. */
  readonly endedMs: number | null
}

/** A stored failure. */
export interface StoredFailure {
  /** Id of the job and its epoch. */
  readonly id: string
  /** The codec's text. */
  readonly text: string
}

/** Where a job is in its lane. */
export interface PlaceInLane {
  readonly place: 'waiting' | 'delayed' | 'active' | 'missing'
  /** Jobs before it; null when it does not wait in turn. */
  readonly ahead: number | null
  /** When it is due, ms since the epoch by a worker's clock; null when it is not delayed. */
  readonly dueMs: number | null
  readonly forBudget: boolean
  /** Names tenant and process; null when it is in no lane. */
  readonly flow: string | null
}

export interface JobRecords {
  /** In the order of the keys; null for a job without a record. */
  read(keys: readonly JobKey[]): Promise<readonly (JobRecordRead | null)[]>
  /** What a job failed with, while Redis has it; null for another outcome, or none. */
  failure(key: JobKey): Promise<StoredFailure | null>
  /** Jobs of a process instance, in the order of their keys. */
  ofInstance(instance: string, most: number): Promise<readonly JobKey[]>
  /** In the order of the jobs. */
  places(jobs: readonly Pick<JobRecordRead, 'key' | 'epoch' | 'lane'>[]): Promise<readonly PlaceInLane[]>
  /** Jobs in a lane: running, then waiting in turn, then delayed by due time. */
  inLane(lane: LaneName, most: number): Promise<readonly JobKey[]>
  /** Whether any adapter has read the job's outbox in the last seconds. */
  reporting(key: JobKey): Promise<boolean>
  /** ms since the epoch. */
  now(): Promise<number>
}

const FIELDS = [
  ...['state', 'epoch', 'lane', 'since', 'started', 'deadline', 'retries'],
  ...['failedTo', 'sends', 'throttles', 'outages', 'deaths', 'failure', 'kind'],
  ...['process', 'tenant', 'element', 'instance', 'error', 'ended'],
]
/** BullMQ's factor between the due time and the score of a delayed job (getDelayedScore.lua). */
const DELAYED_FACTOR = 0x1000
/** A reporter reads its outbox every two seconds; after five missed reads none runs. */
const SILENT_MS = 10_000

export function makeJobRecords(redis: RedisClient, keys: Keys): JobRecords {
  return {
    async read(some) {
      const replies = await together(
        redis,
        some.map(
          (key): Ask =>
            (on) =>
              on.hmget(keys.job(key), ...FIELDS),
        ),
      )
      return some.map((key, index) => readRecord(key, replies[index] as (string | null)[]))
    },
    async failure(key) {
      const [kind, epoch, text] = await redis.hmget(keys.job(key), 'kind', 'epoch', 'outcome')
      if (text == null || kind === 'completed') return null
      return { id: queuedJobId(key, Number(epoch)), text }
    },
    async ofInstance(instance, most) {
      const asked = SHARD_NUMBERS.map(
        (shard): Ask =>
          (on) =>
            on.smembers(keys.ofInstance(shard, instance)),
      )
      const found = ((await together(redis, asked)) as string[][]).flat().map(jobKey)
      return found.sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1)).slice(0, most)
    },
    async places(jobs) {
      const asked = jobs.flatMap((job) => placeQuestions(keys, job))
      const replies = await together(redis, asked)
      const each = asked.length / Math.max(1, jobs.length)
      return jobs.map((_, index) => readPlace(replies.slice(index * each, (index + 1) * each)))
    },
    async inLane(lane, most) {
      const replies = await together(redis, [
        (on) => on.lrange(keys.queueKey(lane, 'active'), 0, most - 1),
        // BullMQ takes from the tail.
        (on) => on.lrange(keys.queueKey(lane, 'wait'), -most, -1),
        (on) => on.zrange(keys.prioritized(lane), '0', String(most - 1)),
        (on) => on.zrange(keys.queueKey(lane, 'delayed'), '0', String(most - 1)),
      ])
      const [active = [], wait = [], prioritized = [], delayed = []] = replies as string[][]
      const ids = [...active, ...wait.toReversed(), ...prioritized, ...delayed]
      return [...new Set(ids.flatMap((id) => keyOfQueued(id) ?? []))].slice(0, most)
    },
    async reporting(key) {
      const stream = keys.outbox(keys.shardOf(key))
      const readers = await redis.xinfo('CONSUMERS', stream, REPORTERS).catch((error: unknown) => {
        // There is no group, or not even the stream: no adapter has ever run.
        if (error instanceof Error && /NOGROUP|no such key/i.test(error.message)) return []
        throw error
      })
      return (readers as (string | number)[][]).some((fields) => {
        const idle = fields[fields.indexOf('idle') + 1]
        return typeof idle === 'number' && idle < SILENT_MS
      })
    },
    now: async () => clockMs(await redis.time()),
  }
}

function readRecord(key: JobKey, values: readonly (string | null)[]): JobRecordRead | null {
  const fields = new Map(FIELDS.map((name, index) => [name, values[index] ?? null]))
  const state = fields.get('state')
  if (state == null) return null
  const number = (name: string): number => Number(fields.get(name) ?? 0)
  const textOrNull = (name: string): string | null => fields.get(name) || null
  const numberOrNull = (name: string): number | null => (fields.get(name) == null ? null : number(name))
  return {
    key,
    state: state as JobState,
    epoch: number('epoch'),
    lane: (fields.get('lane') ?? '') as LaneName,
    sinceMs: number('since'),
    startedMs: numberOrNull('started'),
    deadlineMs: number('deadline'),
    retries: number('retries'),
    failedTo: numberOrNull('failedTo'),
    sends: number('sends'),
    throttles: number('throttles'),
    outages: number('outages'),
    deaths: number('deaths'),
    failure: fields.get('failure') ?? '',
    kind: (fields.get('kind') ?? null) as Outcome['kind'] | null,
    processId: textOrNull('process'),
    tenantId: textOrNull('tenant'),
    elementId: textOrNull('element'),
    processInstanceKey: textOrNull('instance'),
    error: textOrNull('error'),
    endedMs: numberOrNull('ended'),
  }
}

/** What {@link readPlace} reads the answers of, all in the slot of the lane. */
function placeQuestions(
  keys: Keys,
  { key, epoch, lane }: Pick<JobRecordRead, 'key' | 'epoch' | 'lane'>,
): Ask[] {
  const id = queuedJobId(key, epoch)
  return [
    (on) => on.hget(keys.queued(lane, id), 'name'),
    (on) => on.lpos(keys.queueKey(lane, 'active'), id),
    (on) => on.llen(keys.queueKey(lane, 'wait')),
    (on) => on.lpos(keys.queueKey(lane, 'wait'), id),
    (on) => on.zrank(keys.prioritized(lane), id),
    (on) => on.zscore(keys.queueKey(lane, 'delayed'), id),
    (on) => on.zscore(keys.budgetWaits(lane), id),
  ]
}

function readPlace(replies: readonly unknown[]): PlaceInLane {
  const [name, active, listed, inList, rank, delayed, budget] = replies
  const common = {
    ahead: null,
    dueMs: null,
    forBudget: false,
    flow: typeof name === 'string' ? flowOfName(name) : null,
  }
  if (typeof active === 'number') return { ...common, place: 'active' }
  if (typeof inList === 'number') return { ...common, place: 'waiting', ahead: Number(listed) - 1 - inList }
  if (typeof rank === 'number') return { ...common, place: 'waiting', ahead: Number(listed) + rank }
  if (typeof delayed === 'string') {
    const dueMs = Math.floor(Number(delayed) / DELAYED_FACTOR)
    return { ...common, place: 'delayed', dueMs, forBudget: typeof budget === 'string' }
  }
  return { ...common, place: 'missing' }
}
