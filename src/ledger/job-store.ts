// Job state in Redis: each method is one script, one round trip, atomic in the job's shard.
// The states and what moves between them are described in ledger/job-state.ts.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import type { TraceParent } from '../job/trace-parent.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { loadScripts, type Scripts } from '../redis/scripts.ts'
import { newTelling } from '../redis/telling.ts'
import { type Ask, anyExists, together } from '../redis/together.ts'
import { holdsAny, isEmpty } from './is-empty.ts'
import type { Acceptance, Standing } from './job-state.ts'
import { type HeldJob, readHeld } from './read-held.ts'

/** One activation to be accepted. */
export interface Acceptable {
  readonly key: JobKey
  readonly input: string
  /** Hashes that count as the same input, as after a change of the key. @default none */
  readonly older?: readonly string[]
  /** When a lease of `QUARRY_LEASE` from its activation ends, ms since the epoch, by the broker's clock. */
  readonly deadlineMs: number
  /** Retries left at activation. */
  readonly retries: number
  readonly lane: LaneName
  /** Size of its text before compression. */
  readonly bytes: number
  /** ms until its lease is to be extended. */
  readonly leaseDueMs: number
  /** BPMN process id. @default '' */
  readonly processId?: string
  /** The span that its executions are a part of. @default '' */
  readonly trace?: TraceParent
  /** How long its task lets it wait, ms. @default the setting */
  readonly maxWaitMs?: number | undefined
  /** Since when it was held before it went back to Zeebe for want of room, ms since the epoch. @default it did not */
  readonly sinceMs?: number | null
  /** For counting a tenant's jobs. @default not counted */
  readonly tenantId?: string
  /** Id of its element in the diagram. @default '' */
  readonly elementId?: string
  /** @default '' */
  readonly processInstanceKey?: string
  /** How long it is found by its process instance, ms. @default 0, it is not */
  readonly foundMs?: number
}

/** A tenant's held jobs in a lane. */
export interface HeldBy {
  readonly tenantId: string
  readonly lane: LaneName
  readonly jobs: number
}

export interface Accepted {
  readonly acceptance: Acceptance
  readonly epoch: number
  /** The lane of that epoch; an adopted job keeps its lane. */
  readonly lane: LaneName
  /** The span under which the job was known before. */
  readonly known: TraceParent
}

/** Another start runs the epoch. */
export interface StartedBy {
  readonly startedBy: string
  /** When that start was let in, ms by the clock of Redis. */
  readonly startedAt: number
}

/** What a worker gets when it starts an epoch. */
export interface Started {
  /** The name of this start. */
  readonly start: string
  /** ms since the epoch was accepted, by the clock of Redis. */
  readonly waitedMs: number
  /** Calls sent so far for this epoch. */
  readonly sends: number
  /** How many of them were throttled. */
  readonly throttles: number
  /** How many of them AWS certainly did not execute; the remaining sends were attempts. */
  readonly outages: number
  /** The last failure as given to {@link JobStore.defer}; '' for none. */
  readonly failure: string
  /** Answers that are to be repaired, as given to {@link JobStore.defer}. @default '', none */
  readonly repairs?: string
  /** Starts of this epoch that ended with a dead worker. */
  readonly deaths: number
  /** Whether the latest start before this one did. */
  readonly died: boolean
  /** How often this epoch was moved to another lane. */
  readonly moves: number
  /** What this execution is a part of. */
  readonly trace: TraceParent
  /** The span of the previous execution, if it put the job back. */
  readonly executed: TraceParent
}

/** Totals over all shards. */
export interface Backlog {
  /** Jobs accepted and not answered. */
  readonly held: number
  /** Outcomes not yet reported to Zeebe. */
  readonly outcomes: number
  /** Size of both, before the compression of jobs. */
  readonly bytes: number
}

/** What the outbox needs of an answered job. */
export interface Answer {
  readonly lane: LaneName
  readonly outcome: string
  /** '' if it is not known. */
  readonly processId: string
  /** The span of the execution. */
  readonly trace: TraceParent
}

/** An outcome as it is stored. */
export interface StoredAnswer {
  /** Whether the job was executed, or expired in its lane. */
  readonly after: 'called' | 'waited'
  /** Stored in the clear for people: the text may be encrypted. */
  readonly kind: Outcome['kind']
  /** The codec's text. */
  readonly outcome: string
  /** Retries that a failure leaves, null for other outcomes. */
  readonly failedTo: number | null
  /** The span of the execution. @default '' */
  readonly trace?: TraceParent
  /** Calls of the epoch. @default as the record has them */
  readonly calls?: CallCounts
  /** Name of the error, and status if it has one, for people; contains no prompt. @default none */
  readonly error?: string | null
  /** What the job's record has of it, for a reporter in this process. @default unknown */
  readonly of?: Pick<Answer, 'lane' | 'processId'>
}

/** Calls of an epoch: sent, and of these throttled or not executed by AWS. */
export type CallCounts = Pick<Started, 'sends' | 'throttles' | 'outages'>

/** Counters of an epoch that goes back into its lane. */
export type JobProgress = Pick<Started, 'sends' | 'throttles' | 'outages' | 'failure' | 'repairs'>

export interface JobStore {
  /** Decides what activations mean, in their order. */
  accept(jobs: readonly Acceptable[]): Promise<readonly Accepted[]>
  /**
   * Starts an epoch. Null if it must not be executed: it is answered, superseded or withdrawn. Nothing is started either if another start
   * runs it that `dead` does not name: resolves with that start; or if it was moved out of `lane`: resolves with its new lane.
   * @param start - a unique name for this start.
   * @param dead - a start whose worker is known to be dead. @default none
   * @param lane - the lane that it was taken from. @default unknown
   */
  start(
    key: JobKey,
    epoch: number,
    start: string,
    dead?: string,
    lane?: LaneName,
  ): Promise<Started | StartedBy | { readonly movedTo: LaneName } | null>
  /** Moves the epoch to another lane, unless another start was let in for it, or it is over. */
  move(
    key: JobKey,
    epoch: number,
    to: { readonly lane: LaneName; readonly start: string; readonly trace?: TraceParent },
  ): Promise<Standing>
  /** Whether a start still owns the epoch: another may have been let in, or Redis may have lost the record. */
  standing(key: JobKey, epoch: number, start: string): Promise<Standing>
  /** Puts the epoch back into its lane, unless another start was let in for it, or it is over. */
  defer(
    key: JobKey,
    epoch: number,
    progress: JobProgress & { readonly start: string; readonly trace?: TraceParent },
  ): Promise<Standing>
  /** Stores an outcome and adds it to the outbox. False if another answered first or the epoch is superseded. */
  answer(key: JobKey, epoch: number, answer: StoredAnswer): Promise<boolean>
  /** The stored outcome, null if this epoch has none to report. */
  readAnswer(key: JobKey, epoch: number): Promise<Answer | null>
  /** Closes an outbox entry. False if the entry was stale. */
  reported(
    entry: { key: JobKey; epoch: number; entryId: string; group: string },
    end: { state: 'done' | 'released' | 'kept'; rememberMs: number; leaseMs: number },
  ): Promise<boolean>
  /** Shards with jobs accepted more than `olderThanMs` ago and not answered, or whose task lets them wait no longer. */
  overdueShards(olderThanMs: number): Promise<readonly number[]>
  /** Jobs accepted more than `olderThanMs` ago and not answered, oldest first, by the clock of Redis. */
  heldLongerThan(
    shard: number,
    olderThanMs: number,
    page: { offset: number; limit: number },
  ): Promise<readonly HeldJob[]>
  /** Jobs not answered whose task lets them wait no longer, earliest end first. */
  pastPatience(shard: number, page: { offset: number; limit: number }): Promise<readonly HeldJob[]>
  /** Removes the own patience of a job that no longer waits. */
  forgetPatience(key: JobKey): Promise<void>
  /** Forgets an epoch that is in no lane any more. Zeebe brings the job again if it still exists. */
  abandon(key: JobKey, epoch: number): Promise<boolean>
  backlog(): Promise<Backlog>
  /** Whether any job is accepted and not answered: one command. */
  holdsAny(): Promise<boolean>
  /** Held jobs by tenant and lane. */
  heldBy(): Promise<readonly HeldBy[]>
  /** Whether the job has a record. */
  knows(key: JobKey): Promise<boolean>
}

/** Longest failure that is kept after its report, in bytes as it is stored. */
const MOST_KEPT_BYTES = 4_096

const SCRIPTS = {
  ...{ accept: 7, start: 1, defer: 1, move: 2, answer: 6, reported: 3, abandon: 5 },
  ...{ 'forget-patience': 2, 'is-overdue': 2 },
} as const

export function makeJobStore(redis: RedisClient, keys: Keys): JobStore {
  const script = loadScripts(redis, import.meta.url, SCRIPTS, { MOST_KEPT_BYTES })
  return {
    ...writers(redis, keys, script),
    ...readers(redis, keys, script),
  }
}

type Writers = Pick<
  JobStore,
  'accept' | 'start' | 'defer' | 'move' | 'answer' | 'reported' | 'abandon' | 'forgetPatience'
>

function writers(redis: RedisClient, keys: Keys, script: Scripts<keyof typeof SCRIPTS>): Writers {
  return {
    async accept(jobs) {
      const asked = jobs.map((job) => {
        const { key, input, deadlineMs, lane, retries, bytes, leaseDueMs, processId = '', trace = '' } = job
        const order = [key, input, deadlineMs, lane, retries, bytes, leaseDueMs]
        const older = ` ${(job.older ?? []).join(' ')} `
        const waits = [job.maxWaitMs ?? '', newTelling(), job.sinceMs ?? '', job.tenantId ?? '']
        const { elementId = '', processInstanceKey = '', foundMs = 0 } = job
        const found = [elementId, processInstanceKey, processInstanceKey === '' ? 0 : foundMs]
        const args = [...order, processId, trace, ...waits, ...found, older]
        const ofInstance = keys.ofInstance(keys.shardOf(key), processInstanceKey)
        return (on: object) => script('accept', on)(...stateOf(keys, key), ofInstance, ...args)
      })
      return (await together(redis, asked)).map((reply) => {
        const [acceptance, epoch, lane, known] = reply as [Acceptance, number, LaneName, TraceParent]
        return { acceptance, epoch, lane, known }
      })
    },
    async abandon(key, epoch) {
      const shard = keys.shardOf(key)
      const where = [keys.job(key), keys.held(shard), keys.leases(shard), keys.bytes(shard)]
      return (await script('abandon')(...where, keys.patience(shard), key, epoch)) === 1
    },
    async forgetPatience(key) {
      await script('forget-patience')(keys.job(key), keys.patience(keys.shardOf(key)), key)
    },
    async start(key, epoch, start, dead = '', from?) {
      const reply = (await script('start')(keys.job(key), epoch, start, dead, from ?? '')) as
        | StartReply
        | [LaneName]
        | [startedBy: string, startedAt: number]
        | null
      if (reply === null) return null
      if (reply.length === 1) return { movedTo: reply[0] }
      if (reply.length === 2) return { startedBy: reply[0], startedAt: reply[1] }
      const [waitedMs, sends, throttles, failure, deaths, died, trace, executed, outages, moves, repairs] =
        reply
      const counts = { sends, throttles, outages, deaths, died: died === 1, moves }
      return { start, waitedMs, ...counts, failure, repairs, trace, executed }
    },
    async move(key, epoch, { lane, start, trace = '' }) {
      const where = [keys.job(key), keys.held(keys.shardOf(key))]
      return STANDINGS[Number(await script('move')(...where, key, epoch, start, lane, trace))] ?? 'over'
    },
    async defer(key, epoch, progress) {
      const { start, sends, throttles, outages, failure, repairs = '', trace = '' } = progress
      const args = [epoch, sends, throttles, outages, failure, trace, start, repairs]
      const reply = await script('defer')(keys.job(key), ...args)
      return STANDINGS[Number(reply)] ?? 'over'
    },
    async answer(key, epoch, { after, kind, outcome, failedTo, trace = '', calls, error }) {
      const counts = calls === undefined ? ['', '', ''] : [calls.sends, calls.throttles, calls.outages]
      const order = [key, epoch, after, outcome, failedTo ?? '', kind, trace, newTelling()]
      const args = [...order, ...counts, error ?? '']
      return (await script('answer')(...stateOf(keys, key), ...args)) === 1
    },
    async reported(entry, end) {
      const shard = keys.shardOf(entry.key)
      const where = [keys.job(entry.key), keys.outbox(shard), keys.bytes(shard)]
      const args = [entry.group, entry.entryId, entry.epoch, end.state, end.rememberMs, end.leaseMs]
      return (await script('reported')(...where, ...args)) === 1
    },
  }
}

/** By what defer.lua and move.lua return. */
const STANDINGS: readonly Standing[] = ['over', 'ours', 'taken']

type StartReply = [
  waitedMs: number,
  sends: number,
  throttles: number,
  failure: string,
  deaths: number,
  died: number,
  trace: TraceParent,
  executed: TraceParent,
  outages: number,
  moves: number,
  repairs: string,
]

/** The keys of the scripts that move a job into or out of what is held: job, held, outbox, leases, bytes, patience. */
function stateOf(keys: Keys, key: JobKey): string[] {
  const shard = keys.shardOf(key)
  const where = [keys.job(key), keys.held(shard), keys.outbox(shard), keys.leases(shard), keys.bytes(shard)]
  return [...where, keys.patience(shard)]
}

type Readers = Pick<
  JobStore,
  | 'standing'
  | 'readAnswer'
  | 'overdueShards'
  | 'heldLongerThan'
  | 'pastPatience'
  | 'backlog'
  | 'holdsAny'
  | 'heldBy'
  | 'knows'
>

function readers(redis: RedisClient, keys: Keys, script: Scripts<keyof typeof SCRIPTS>): Readers {
  return {
    knows: async (key) => (await redis.exists(keys.job(key))) === 1,
    async standing(key, epoch, start) {
      const [state, known, startedBy] = await redis.hmget(keys.job(key), 'state', 'epoch', 'start')
      if (known !== String(epoch) || (state !== 'queued' && state !== 'running')) return 'over'
      return state === 'running' && startedBy === start ? 'ours' : 'taken'
    },
    async readAnswer(key, epoch) {
      const fields = ['state', 'epoch', 'lane', 'outcome', 'process', 'trace']
      const [state, known, lane, outcome, process, trace] = await redis.hmget(keys.job(key), ...fields)
      if (state !== 'answered' || known !== String(epoch) || outcome == null) return null
      return { lane: lane as LaneName, outcome, processId: process ?? '', trace: trace ?? '' }
    },
    overdueShards: (olderThanMs) => overdueShards({ redis, keys, script }, olderThanMs),
    heldLongerThan: (shard, olderThanMs, page) =>
      readHeld({ redis, keys }, { by: keys.held(shard), olderThanMs, ...page }),
    pastPatience: (shard, page) =>
      readHeld({ redis, keys }, { by: keys.patience(shard), olderThanMs: 0, ...page }),
    holdsAny: () => holdsAny(redis, keys),
    async backlog() {
      if (await isEmpty(redis, keys)) return { held: 0, outcomes: 0, bytes: 0 }
      const asked = SHARD_NUMBERS.flatMap((shard): readonly Ask[] => [
        (on) => on.zcard(keys.held(shard)),
        (on) => on.xlen(keys.outbox(shard)),
        (on) => on.get(keys.bytes(shard)),
      ])
      const counts = (await together(redis, asked)).map((count) => Number(count ?? 0))
      const sum = (which: number): number =>
        counts.reduce((total, count, index) => total + (index % 3 === which ? count : 0), 0)
      return { held: sum(0), outcomes: sum(1), bytes: sum(2) }
    },
    heldBy: () => heldBy(redis, keys),
  }
}

async function overdueShards(
  { redis, keys, script }: { redis: RedisClient; keys: Keys; script: Scripts<keyof typeof SCRIPTS> },
  olderThanMs: number,
): Promise<readonly number[]> {
  const where = (shard: number) => [keys.held(shard), keys.patience(shard)]
  if (!(await anyExists(redis, SHARD_NUMBERS.flatMap(where)))) return []
  const asked = SHARD_NUMBERS.map(
    (shard) => (on: object) => script('is-overdue', on)(...where(shard), olderThanMs),
  )
  const replies = await together(redis, asked)
  return SHARD_NUMBERS.filter((_, index) => replies[index] === 1)
}

async function heldBy(redis: RedisClient, keys: Keys): Promise<readonly HeldBy[]> {
  const counts = await together(
    redis,
    SHARD_NUMBERS.map(
      (shard): Ask =>
        (on) =>
          on.hgetall(keys.heldBy(shard)),
    ),
  )
  const sums = new Map<string, number>()
  for (const [who, jobs] of counts.flatMap((each) => Object.entries(each as Record<string, string>)))
    sums.set(who, (sums.get(who) ?? 0) + Number(jobs))
  return [...sums].map(([who, jobs]) => {
    const [tenantId = '', lane = ''] = who.split(' ')
    return { tenantId, lane: lane as LaneName, jobs }
  })
}
