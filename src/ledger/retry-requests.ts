// Requests to resolve the incident of a job. The requester has no credentials for Camunda; an adapter has: it takes the request from a
// stream, carries it out and answers. The states of a request:
//
//   made ──take──▶ taken ──answer──▶ answered
//     ╰── give up, or expiry ──▶ gone
//
// - made: in the stream, with a hash that exists as long as somebody waits.
// - taken: an adapter works on it and renews its claim. If it dies, another takes the request over, and reads from the hash which
//   incident was found: at worst that one incident is resolved twice.
// - gone: an adapter drops an entry without a hash, so that nothing is done that nobody waits for.
import { randomUUID } from 'node:crypto'
import { type JobKey, jobKey } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { makeListen } from '../redis/listen.ts'
import { loadScripts } from '../redis/scripts.ts'
import { makeConsumerGroup } from './consumer-group.ts'

/** The answer to a request. */
export interface RetryAnswer {
  /**
   * `resolved`; `nothing`: Camunda has no incident of the job; `refused`: Camunda, or the adapter's settings, do not allow it.
   */
  readonly kind: 'resolved' | 'nothing' | 'refused'
  readonly message: string
}

/** A request that an adapter has taken. */
export interface TakenRetry {
  readonly entryId: string
  readonly id: string
  readonly key: JobKey
  /** Retries that the job gets. */
  readonly retries: number
  /** Who wants it, `user@host`. */
  readonly by: string
  /** Whether the job failed just now: Camunda's search may not show it yet. */
  readonly lately: boolean
  /** The incident that a dead taker had found; null for none. */
  readonly incidentKey: string | null
}

export interface RetryRequests {
  /** @returns its id. */
  make(request: Pick<TakenRetry, 'key' | 'retries' | 'by' | 'lately'>): Promise<string>
  /** Null until there is an answer. */
  answer(id: string): Promise<RetryAnswer | null>
  /** Cancels the request. @returns false if an adapter already works on it. */
  giveUp(id: string): Promise<boolean>
}

export interface RetryInbox {
  /** Creates the consumer group if it is missing. */
  prepare(): Promise<void>
  /** Calls `onRequest` when a request is made, except by earlier versions. The connection must be used for subscriptions only. */
  subscribe(connection: RedisClient, onRequest: () => void): Promise<void>
  /** Takes the next request that nobody has taken, or whose taker was silent for `deadAfterMs`; null for none. */
  take(deadAfterMs: number): Promise<TakenRetry | null>
  /** Renews this adapter's claim. */
  keep(taken: TakenRetry): Promise<void>
  /** Records which incident was found, before it is resolved. */
  found(taken: TakenRetry, incidentKey: string): Promise<void>
  /** Answers the request. */
  end(taken: TakenRetry, answer: RetryAnswer): Promise<void>
}

const GROUP = 'adapters'
/** Most requests in the stream. */
const MOST = 1_000
/** An older request is not taken: its requester has died, or would have given it up. */
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
      // Messages may have been missed while the connection was lost.
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
  // An entry trimmed by MAXLEN has no fields.
  return {
    entryId,
    id: field('id'),
    key: jobKey(field('job') || '0'),
    retries: Number(field('retries')),
    by: field('by'),
    lately: field('lately') === '1',
  }
}
