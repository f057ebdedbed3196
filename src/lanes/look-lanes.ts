// The state of lanes, for metrics and people: one script per lane, all lanes in one round trip.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { together } from '../redis/together.ts'
import type { LaneOverrides } from './lane-overrides.ts'
import { readOverrides } from './override-store.ts'
import type { LaneUse } from './pace/lane-use.ts'
import type { PaceState } from './pace/pace-state.ts'
import { type RecentFigures, readRecent } from './recent-figures.ts'

/** BullMQ's job states, and the key of each. */
const STATES = {
  waiting: 'wait',
  active: 'active',
  prioritized: 'prioritized',
  delayed: 'delayed',
  'waiting-children': 'waiting-children',
  completed: 'completed',
  failed: 'failed',
} as const

export type QueueState = keyof typeof STATES

/** The calls of one process in a lane. */
export interface ProcessCalls {
  readonly calls: number
  /** Tokens that they reserved. */
  readonly tokens: number
}

/** A lane at one moment. */
export interface LaneLook {
  readonly name: LaneName
  /** By the clock of its node. */
  readonly nowMs: number
  /** Null for a lane that was never used. */
  readonly pace: (LaneUse & Pick<PaceState, 'coolUntil' | 'tokenShare' | 'throttles'>) | null
  /** The reason of a cooldown for a quota that is used up for long; '' otherwise. */
  readonly coolWhy: string
  /** Since when, ms since the epoch by the clock of its node, and why the lane cannot reach Bedrock; null if it can. */
  readonly outage: { readonly sinceMs: number; readonly why: string } | null
  readonly overrides: LaneOverrides
  /** What it did in the last minutes. */
  readonly recent: RecentFigures
  /** Calls in flight by process, including dead processes. */
  readonly calls: ReadonlyMap<string, ProcessCalls>
  readonly paused: boolean
  /** Calls that may be in flight, null for any number. */
  readonly concurrency: number | null
  readonly jobs: Readonly<Record<QueueState, number>>
  /** Delayed jobs that are due: they stay delayed until a worker looks. */
  readonly due: number
  /** Queued jobs that BullMQ ended in this lane, ever. */
  readonly ended: { readonly completed: number; readonly failed: number }
}

export interface LaneLooks {
  /** In the order of the lanes. */
  look(lanes: readonly LaneName[]): Promise<readonly LaneLook[]>
  /** Deletes the calls of dead processes. */
  forgetCalls(lane: LaneName, processes: readonly string[]): Promise<void>
}

type Reply = [
  now: number,
  pace: string[],
  overrides: string[],
  calls: string[],
  recent: string[],
  paused: number,
  concurrency: string,
  completed: number,
  failed: number,
  due: number,
  ...counts: number[],
]

export function makeLaneLooks(redis: RedisClient, keys: Keys): LaneLooks {
  const script = loadScripts(redis, import.meta.url, { 'look-lane': 7 + Object.keys(STATES).length })
  return {
    async look(lanes) {
      const asked = lanes.map((lane) => (on: object) => {
        const queue = ['meta', 'metrics:completed', 'metrics:failed', ...Object.values(STATES)]
        const where = [keys.pace(lane), keys.overrides(lane), keys.calls(lane)]
        const ofQueue = queue.map((name) => keys.queueKey(lane, name))
        return script('look-lane', on)(...where, ...ofQueue, keys.recent(lane))
      })
      const replies = (await together(redis, asked)) as Reply[]
      return replies.map((reply, index) => readLook(lanes[index] as LaneName, reply))
    },
    async forgetCalls(lane, processes) {
      await redis.hdel(keys.calls(lane), ...processes.flatMap((name) => [name, `${name}${OF_TOKENS}`]))
    },
  }
}

/** Ends the name of the field that holds a process's tokens. */
const OF_TOKENS = ' tokens'

function readLook(name: LaneName, reply: Reply): LaneLook {
  const [nowMs, pace, overrides, calls, recent, paused, concurrency, completed, failed, due, ...counts] =
    reply
  const jobs = Object.keys(STATES).map((state, index) => [state, counts[index] ?? 0])
  const counted = Object.fromEntries(jobs) as Record<QueueState, number>
  return {
    name,
    nowMs,
    pace: readPace(pairsOf(pace)),
    coolWhy: pairsOf(pace).get('coolWhy') ?? '',
    outage: readOutage(pairsOf(pace), { nowMs, isIdle: HELD.every((state) => counted[state] === 0) }),
    overrides: readOverrides(pairsOf(overrides)),
    recent: readRecent(pairsOf(recent), nowMs),
    calls: readCalls(pairsOf(calls)),
    paused: paused === 1,
    concurrency: concurrency === '' ? null : Number(concurrency),
    jobs: counted,
    due,
    ended: { completed, failed },
  }
}

function pairsOf(flat: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as const] : [])),
  )
}

function readPace(fields: ReadonlyMap<string, string>): LaneLook['pace'] {
  const figure = (name: string): number => Number(fields.get(name) ?? 0)
  if (!fields.has('pace')) return null
  return {
    at: figure('at'),
    pace: figure('pace'),
    coolUntil: figure('coolUntil'),
    tokenShare: figure('tokenShare'),
    requestsUsed: figure('requestsUsed'),
    tokensUsed: figure('tokensUsed'),
    callSeconds: figure('callSeconds'),
    throttles: figure('throttles'),
  }
}

const HELD = ['waiting', 'active', 'prioritized', 'delayed'] as const satisfies readonly QueueState[]
/** Without jobs no call tests whether an outage lasts: it is assumed to for this long. */
const UNTRIED_MS = 60_000

function readOutage(
  fields: ReadonlyMap<string, string>,
  { nowMs, isIdle }: { readonly nowMs: number; readonly isIdle: boolean },
): LaneLook['outage'] {
  const sinceMs = Number(fields.get('outageSince') ?? 0)
  if (isIdle && nowMs - Number(fields.get('outageAt') ?? 0) > UNTRIED_MS) return null
  return sinceMs > 0 ? { sinceMs, why: fields.get('outageWhy') ?? '' } : null
}

function readCalls(fields: ReadonlyMap<string, string>): LaneLook['calls'] {
  const processes = [...fields.keys()].filter((field) => !field.endsWith(OF_TOKENS))
  return new Map(
    processes.map((process) => {
      const tokens = Math.max(0, Number(fields.get(`${process}${OF_TOKENS}`) ?? 0))
      return [process, { calls: Number(fields.get(process)), tokens }]
    }),
  )
}
