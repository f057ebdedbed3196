// Requests to resolve the incident of a job. Whoever makes one holds no credentials for Camunda; an adapter does: it takes
// the request from a stream, carries it out and answers. The way of a request:
//
//   made ──take──▶ taken ──answer──▶ answered
//     ╰── give up, or its time is over ──▶ gone
//
// - made: in the stream, with a hash of its own that lives as long as somebody waits.
// - taken: an adapter is at work and says so now and then. When it dies, another takes the request over, and finds the incident
//   in the hash that was found before: what happens twice is the resolution of that one incident.
// - gone: an adapter that finds it without its hash drops it. So nothing is done that nobody waits for any more.
import { randomUUID } from 'node:crypto'
import { type JobKey, jobKey } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { makeListen } from '../redis/listen.ts'
import { loadScripts } from '../redis/scripts.ts'
import { makeConsumerGroup } from './consumer-group.ts'

/** What came of a request. */
export interface RetryAnswer {
  /**
   * `resolved`; `nothing`: Camunda has no incident of the job; `refused`: Camunda, or what is set for the adapter, does not
   * allow it.
   */
  readonly kind: 'resolved' | 'nothing' | 'refused'
  readonly message: string
}

/** A request as its taker has it. */
export interface TakenRetry {
  readonly entryId: string
  readonly id: string
  readonly key: JobKey
  /** That the job is to have. */
  readonly retries: number
  /** Who wants it, `user@host`. */
  readonly by: string
  /** Whether the job failed lately: Camunda's search may not know yet. */
  readonly lately: boolean
  /** The incident that was found before by a taker that died; null for none. */
  readonly incidentKey: string | null
}

export interface RetryRequests {
  /** @returns its id. */
  make(request: Pick<TakenRetry, 'key' | 'retries' | 'by' | 'lately'>): Promise<string>
  /** Null while there is no answer. */
  answer(id: string): Promise<RetryAnswer | null>
  /** Waits no longer. @returns false when an adapter is at work on it. */
  giveUp(id: string): Promise<boolean>
}

export interface RetryInbox {
  /** Makes the consumer group where it is missing. */
  prepare(): Promise<void>
  /** Calls `onRequest` when a request is made, on a connection that listens. Versions before this one tell nobody. */
  subscribe(connection: RedisClient, onRequest: () => void): Promise<void>
  /** Takes the next request that nobody has taken, or whose taker has been silent for `deadAfterMs`; null for none. */
  take(deadAfterMs: number): Promise<TakenRetry | null>
  /** Says that this adapter is still at work. */
  keep(taken: TakenRetry): Promise<void>
  /** Notes which incident is meant, before it is resolved. */
  found(taken: TakenRetry, incidentKey: string): Promise<void>
  /** Ends it. */
  end(taken: TakenRetry, answer: RetryAnswer): Promise<void>
}

const GROUP = 'adapters'
/** Requests that no adapter comes for. */
const MOST = 1_000
/** A request is not taken when it is older: whoever made it has died, or would have given it up. */
const LIVES_MS = 30_000
const ANSWER_LIVES_MS = 60_000

export function makeRetryRequests(redis: RedisClient, keys: Keys): RetryRequests {
  const script = loadScripts(redis, import.meta.url, { 'give-up-retry': 1 })
  return {
    async make({ key, retries, by, lately }) {
      const id = randomUUID()
      const begun = redis.multi().hset(keys.retry(id), 'job', key).pexpire(keys.retry(id), LIVES_MS)
      for (const [error] of (await begun.exec()) ?? []) if (error) throw error
      const fields = ['id', id, 'job', key, 'retries', retries, 'by', by, 'lately', lately ? 1 : 0]
      await redis.xadd(keys.retries, 'MAXLEN', '~', MOST, '*', ...fields)
      await redis.publish(keys.retriesChannel, id)
      return id
    },
    async answer(id) {
      const [kind, message] = await redis.hmget(keys.retry(id), 'kind', 'message')
      return kind == null ? null : { kind: kind as RetryAnswer['kind'], message: message ?? '' }
    },
    giveUp: async (id) => (await script('give-up-retry')(keys.retry(id))) === 1,
  }
}

/** @param consumer name of this adapter, unique. */
export function makeRetryInbox(redis: RedisClient, keys: Keys, consumer: string): RetryInbox {
  const script = loadScripts(redis, import.meta.url, { 'take-retry': 1, 'note-retry': 1, 'take-over': 1 })
  const listen = makeListen()
  const close = async (entryId: string): Promise<void> => {
    await redis.xack(keys.retries, GROUP, entryId)
    await redis.xdel(keys.retries, entryId)
  }
  /** The next entry of the stream: one of a dead taker before a new one. */
  const next = async (deadAfterMs: number): Promise<Entry | null> => {
    for (let from = '0-0'; ; ) {
      const claimed = await script('take-over')(keys.retries, GROUP, consumer, deadAfterMs, 1, from)
      const [next, left] = claimed as [string, Entry | undefined]
      if (left !== undefined) return left
      if (next === '0-0') break
      from = next
    }
    const reply = await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 1, 'STREAMS', keys.retries, '>')
    const [[, entries = []] = []] = (reply ?? []) as [string, Entry[]][]
    return entries[0] ?? null
  }
  return {
    prepare: () => makeConsumerGroup(redis, keys.retries, GROUP),
    async subscribe(connection, onRequest) {
      await listen(connection, keys.retriesChannel, onRequest)
      // What was told while the connection was away was not heard.
      connection.on('ready', onRequest)
    },
    async take(deadAfterMs) {
      for (let entry = await next(deadAfterMs); entry !== null; entry = await next(deadAfterMs)) {
        const request = readEntry(entry)
        const incident = await script('take-retry')(keys.retry(request.id), LIVES_MS)
        if (typeof incident === 'string')
          return { ...request, incidentKey: incident === '' ? null : incident }
        await close(request.entryId)
      }
      return null
    },
    async keep({ id, entryId }) {
      await redis.call('xclaim', keys.retries, GROUP, consumer, 0, entryId, 'IDLE', 0, 'JUSTID')
      await script('take-retry')(keys.retry(id), LIVES_MS)
    },
    async found({ id }, incidentKey) {
      await script('note-retry')(keys.retry(id), LIVES_MS, 'incident', incidentKey)
    },
    async end({ id, entryId }, { kind, message }) {
      await script('note-retry')(keys.retry(id), ANSWER_LIVES_MS, 'kind', kind, 'message', message)
      await close(entryId)
    },
  }
}

type Entry = [entryId: string, fields: string[] | null]

function readEntry([entryId, fields]: Entry): Omit<TakenRetry, 'incidentKey'> {
  const field = (name: string): string => fields?.[fields.indexOf(name) + 1] ?? ''
  // An entry that MAXLEN cut off has no fields left.
  return {
    entryId,
    id: field('id'),
    key: jobKey(field('job') || '0'),
    retries: Number(field('retries')),
    by: field('by'),
    lately: field('lately') === '1',
  }
}
