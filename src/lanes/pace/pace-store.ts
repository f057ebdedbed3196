// The pace of lanes, shared by all workers: each method is one script, one round trip, by Redis's clock. lane-pace.ts has the rules.
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'
import { newTelling } from '../../redis/telling.ts'
import type { LaneQuota } from '../../rules/lane-quota.ts'
import type { EndedCall, WaitReason } from './lane-pace.ts'
import * as PACE from './pace-constants.ts'

/** A call that may be sent, or when to ask again. */
export type Grant = { readonly kind: 'go'; readonly sentAt: number; readonly pace: number } | Wait

export interface Wait {
  readonly kind: 'wait'
  readonly waitMs: number
  /** `paused`: an operator paused the lane. */
  readonly reason: WaitReason | 'paused'
  /** Of the lane, requests per second. */
  readonly pace: number
}

/** A lane's quota, and who asks. */
export interface LaneLimits extends LaneQuota {
  /**
   * - `own`: a job of the lane, which has no route;
   * - with a pace: a job of the lane, whose jobs may spill over at this many requests per second;
   * - `visitor`: a job of another lane, which takes only what the lane's own jobs leave, and delays none of them.
   */
  readonly asker: 'own' | 'visitor' | { readonly spilloverPace: number }
}

/** A request for a call. */
export interface Asked {
  /** To be reserved of the tokens per minute. */
  readonly tokens: number
  /** Calls of this process that wait for the lane's pace, this one included. */
  readonly waiting: number
}

/** An ended call began or ended an outage of its lane. */
export type OutageChange =
  | { readonly kind: 'began'; readonly why: string }
  | { readonly kind: 'ended'; readonly lastedMs: number }

/** This process could not reach AWS while others can: no outage of the lane. */
export interface Alone {
  readonly kind: 'alone'
}

export interface PaceStore {
  /** Asks for one call. */
  reserve(lane: LaneName, limits: LaneLimits, asked: Asked): Promise<Grant>
  /**
   * Asks to send a trial, which takes its turn when it ends: {@link EndedCall.isTrial}.
   * @returns Redis's time, ms; null if the lane is closed or sends a single probe.
   */
  trial(lane: LaneName, limits: LaneLimits): Promise<number | null>
  /** Updates the limits of fetching. @returns what the next call would wait for; null: nothing. */
  look(lane: LaneName, limits: LaneLimits): Promise<Wait | null>
  /** Reports the end of a call that was sent. */
  settle(lane: LaneName, limits: LaneLimits, call: EndedCall): Promise<OutageChange | Alone | null>
  /** Gives back the fetch of a job that is not sent now, so that another job is fetched instead. */
  unfetched(lane: LaneName): Promise<void>
  /** Reports how many slow jobs of a lane this process is reading. These do not count as the lane's calls in flight. */
  slow(lane: LaneName, limits: LaneLimits, jobs: number): Promise<void>
}

const SCRIPTS = { reserve: 7, settle: 8, unfetch: 1, 'slow-readers': 1 } as const
/** The report of a process that may have died expires after this. */
const SLOW_KEPT_MS = 600_000

/** The code of an asker in pace-state.lua. */
function elsewhereOf(asker: LaneLimits['asker']): number {
  if (asker === 'own') return -1
  return asker === 'visitor' ? -2 : asker.spilloverPace
}

/** @param process - name of this process, unique. */
export function makePaceStore(redis: RedisClient, keys: Keys, process: string): PaceStore {
  const script = loadScripts(redis, import.meta.url, SCRIPTS, PACE)
  const where = (lane: LaneName): string[] => [
    keys.pace(lane),
    keys.overrides(lane),
    ...['meta', 'limiter', 'active', 'prioritized'].map((name) => keys.queueKey(lane, name)),
    keys.calls(lane),
  ]
  const own = makeOwnCalls()
  const ask = async (lane: LaneName, limits: LaneLimits, asked: Asked | 'look' | 'trial'): Promise<Grant> => {
    const { tokens, waiting } = typeof asked === 'string' ? { tokens: 0, waiting: 0 } : asked
    const how = asked === 'look' ? 0 : asked === 'trial' ? asked : 1
    const told = [keys.laneOpenedChannel, lane]
    const args = [...given(limits), tokens, how, waiting, process, ...told]
    own.add(lane)
    const [waitMs, reason, sentAt, text] = await script('reserve')(...where(lane), ...args)
      .then((reply) => reply as GrantReply)
      .catch((error: unknown) => {
        own.remove(lane)
        throw error
      })
    if (asked === 'look' || reason !== '') own.remove(lane)
    const pace = Number(text)
    return reason === '' ? { kind: 'go', sentAt, pace } : { kind: 'wait', waitMs, reason, pace }
  }
  return {
    reserve: ask,
    async trial(lane, limits) {
      const grant = await ask(lane, limits, 'trial')
      return grant.kind === 'go' ? grant.sentAt : null
    },
    async look(lane, limits) {
      const seen = await ask(lane, limits, 'look')
      return seen.kind === 'go' ? null : seen
    },
    async settle(lane, limits, { end, sentAt, reserved, used, retryAfterMs, why = '', isTrial = false }) {
      const last = own.remove(lane) ? 1 : 0
      const ended = [end, sentAt, reserved, used ?? '', retryAfterMs, process, last, why]
      const args = [...given(limits), ...ended, keys.laneOpenedChannel, lane, isTrial ? 1 : 0]
      const [change, lastedMs] = (await script('settle')(
        ...where(lane),
        keys.settled(lane, newTelling()),
        ...args,
      )) as SettleReply
      if (change === 'began') return { kind: 'began', why }
      if (change === 'alone') return { kind: 'alone' }
      return change === 'ended' ? { kind: 'ended', lastedMs } : null
    },
    async unfetched(lane) {
      await script('unfetch')(keys.queueKey(lane, 'limiter'))
    },
    async slow(lane, limits, jobs) {
      await script('slow-readers')(keys.queueKey(lane, 'meta'), process, jobs, SLOW_KEPT_MS)
      await ask(lane, limits, 'look')
    },
  }
}

/** ARGV 1 to 5 of the scripts: pace-state.lua. */
function given({ requestsPerMinute, tokensPerMinute, concurrency, burstSeconds, asker }: LaneLimits) {
  return [requestsPerMinute ?? 0, tokensPerMinute ?? 0, concurrency ?? 0, burstSeconds, elsewhereOf(asker)]
}

/**
 * Calls of this process that are in flight or being asked for, by lane. Redis counts them too. When the last one ends, Redis's count is
 * reset, in case a failover lost a part of it.
 */
function makeOwnCalls() {
  const calls = new Map<LaneName, number>()
  return {
    add(lane: LaneName): void {
      calls.set(lane, (calls.get(lane) ?? 0) + 1)
    },
    /** @returns whether it was the last. */
    remove(lane: LaneName): boolean {
      const left = (calls.get(lane) ?? 1) - 1
      if (left > 0) calls.set(lane, left)
      else calls.delete(lane)
      return left <= 0
    },
  }
}

type SettleReply = [change: 'began' | 'ended' | 'alone' | '', lastedMs: number]
type GrantReply = [waitMs: number, reason: Wait['reason'] | '', now: number, pace: string]
