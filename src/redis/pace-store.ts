// The pace of lanes, shared by all workers: each method is one script, one round trip, by Redis's clock.
// The rules are those of src/pace.
import type { LaneName } from '../job/ids.ts'
import type { EndedCall, WaitReason } from '../pace/lane-pace.ts'
import type { LaneQuota } from '../pace/lane-quota.ts'
import type { RedisClient } from './connect.ts'
import type { Keys } from './keys.ts'
import { loadScripts } from './scripts.ts'

/** A call that may be sent, or when to ask again. */
export type Grant =
  | { readonly kind: 'go'; readonly sentAt: number }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly reason: WaitReason }

/** What is asked for. */
export interface Asked {
  /** To be reserved of the tokens per minute. */
  readonly tokens: number
  /** Calls of this process that wait for the lane's pace, this one included. */
  readonly waiting: number
}

/** The pace of a lane as an operator sees it. */
export interface PaceView {
  /** In force now; null for a lane that was never used. */
  readonly requestsPerMinute: number | null
  /** Ever. */
  readonly throttles: number
  /** Left of a cooldown, ms. */
  readonly cooldownMs: number
  /** Calls in flight that are allowed, null for any number. */
  readonly concurrency: number | null
}

export interface PaceStore {
  /** Asks for one call. */
  reserve(lane: LaneName, quota: LaneQuota, asked: Asked): Promise<Grant>
  /** Brings the limits of fetching up to date; says how long nothing can be sent. */
  look(lane: LaneName, quota: LaneQuota): Promise<Exclude<Grant, { kind: 'go' }> | null>
  /** Tells how a call ended that was let go. */
  settle(lane: LaneName, quota: LaneQuota, call: Omit<EndedCall, 'inFlight'>): Promise<void>
  read(lane: LaneName): Promise<PaceView>
}

const SCRIPTS = { reserve: 5, settle: 5 } as const

/** @param process - name of this process, unique. */
export function makePaceStore(redis: RedisClient, keys: Keys, process: string): PaceStore {
  const script = loadScripts(redis, SCRIPTS)
  const where = (lane: LaneName): string[] => [
    keys.pace(lane),
    keys.wishes(lane),
    ...['meta', 'limiter', 'active'].map((name) => keys.queueKey(lane, name)),
  ]
  const ceiling = ({ requestsPerMinute, tokensPerMinute, concurrency, burstSeconds }: LaneQuota) => [
    requestsPerMinute ?? 0,
    tokensPerMinute ?? 0,
    concurrency ?? 0,
    burstSeconds,
  ]
  const ask = async (lane: LaneName, quota: LaneQuota, asked: Asked | null): Promise<Grant> => {
    const { tokens, waiting } = asked ?? { tokens: 0, waiting: 0 }
    const args = [...ceiling(quota), tokens, asked === null ? 0 : 1, waiting, process]
    const [waitMs, reason, sentAt] = (await script('reserve')(...where(lane), ...args)) as GrantReply
    return reason === '' ? { kind: 'go', sentAt } : { kind: 'wait', waitMs, reason }
  }
  return {
    reserve: ask,
    async look(lane, quota) {
      const seen = await ask(lane, quota, null)
      return seen.kind === 'go' ? null : seen
    },
    async settle(lane, quota, { end, sentAt, reserved, used, retryAfterMs }) {
      const args = [...ceiling(quota), end, sentAt, reserved, used ?? '', retryAfterMs]
      await script('settle')(...where(lane), ...args)
    },
    async read(lane) {
      const time = "return redis.call('TIME')[1] * 1000"
      const fields = ['pace', 'throttles', 'coolUntil'] as const
      const [[pace, throttles, coolUntil], now, concurrency] = await Promise.all([
        redis.hmget(keys.pace(lane), ...fields),
        redis.eval(time, 1, keys.pace(lane)),
        redis.hget(keys.queueKey(lane, 'meta'), 'concurrency'),
      ])
      return {
        requestsPerMinute: pace == null ? null : Number(pace) * 60,
        throttles: Number(throttles ?? 0),
        cooldownMs: Math.max(0, Number(coolUntil ?? 0) - Number(now)),
        concurrency: concurrency === null ? null : Number(concurrency),
      }
    },
  }
}

type GrantReply = [waitMs: number, reason: WaitReason | '', now: number]
