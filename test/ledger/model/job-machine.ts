// Every move of a job's state, as a pure function: what each script of src/ledger does to one job.
// test/ledger/job-machine.test.ts checks it over random schedules, test/flow/job-machine.test.ts runs the same schedules on Redis and
// holds the two together. The states are described in src/ledger/job-state.ts.
import type { LaneName } from '../../../src/job/ids.ts'
import type { Acceptance, Standing } from '../../../src/ledger/job-state.ts'
import { decideAcceptance } from './acceptance.ts'
import type { JobRecord } from './job-record.ts'

/** What happens to a job. Times are ms since the epoch. */
export type JobMove =
  | {
      readonly move: 'accept'
      readonly input: string
      readonly older?: readonly string[]
      readonly deadlineMs: number
      readonly retries: number
      /** That an adapter chose, for a new order. */
      readonly lane: LaneName
      /** The epoch that a job gets of which nothing is known. */
      readonly firstEpoch: number
    }
  /** By a worker that knows that whoever ran it is dead; `lane`: that it was taken from. */
  | { readonly move: 'start'; readonly epoch: number; readonly start: string; readonly lane: LaneName }
  /** Into another lane. */
  | { readonly move: 'move'; readonly epoch: number; readonly start: string; readonly lane: LaneName }
  | { readonly move: 'defer'; readonly epoch: number; readonly start: string; readonly sends: number }
  | {
      readonly move: 'answer'
      readonly epoch: number
      readonly after: 'called' | 'waited'
      /** Retries that a failure leaves, null for another outcome. */
      readonly failedTo: number | null
    }
  | {
      readonly move: 'report'
      readonly epoch: number
      readonly end: 'done' | 'released' | 'kept'
      /** Latest end of a lease that an activation made until now may have. */
      readonly latestMs: number
    }
  | { readonly move: 'withdraw'; readonly latestMs: number }
  | { readonly move: 'abandon'; readonly epoch: number }
  /** What is remembered of a job that ended is forgotten after a while. */
  | { readonly move: 'forget' }

/**
 * What a move came to: an acceptance with its epoch and lane, whose a job is that is deferred or moved, the lane of one that is not
 * where it was to be started, or whether it did anything.
 */
export type MoveReply =
  | { readonly acceptance: Acceptance; readonly epoch: number; readonly lane: LaneName }
  | { readonly movedTo: LaneName }
  | Standing
  | boolean

export interface Moved {
  readonly record: JobRecord | null
  readonly reply: MoveReply
}

const ENDED: ReadonlySet<string> = new Set(['done', 'released', 'kept'])

/** Makes a move; `record` is null when nothing is known of the job. */
export function moveJob(record: JobRecord | null, move: JobMove): Moved {
  if (move.move === 'accept') return accept(record, move)
  const unmoved: Moved = { record, reply: move.move === 'defer' || move.move === 'move' ? 'over' : false }
  if (record === null) return move.move === 'abandon' ? { record, reply: true } : unmoved
  const held = record.state === 'queued' || record.state === 'running'
  if (move.move === 'forget') return ENDED.has(record.state) ? { record: null, reply: true } : unmoved
  if (move.move === 'withdraw') return held ? ended(record, 'done', move.latestMs) : unmoved
  if (move.epoch !== record.epoch) return unmoved
  switch (move.move) {
    case 'start': {
      if (!held) return unmoved
      if (move.lane !== record.lane) return { record, reply: { movedTo: record.lane } }
      const { start } = move
      const died = record.state === 'running' && record.start !== start
      return {
        record: { ...record, state: 'running', start, deaths: record.deaths + (died ? 1 : 0) },
        reply: true,
      }
    }
    case 'defer':
      if (!held) return unmoved
      if (record.start !== move.start) return { record, reply: 'taken' }
      // Told twice, as when a reply was lost, it holds once.
      if (record.state === 'queued') return { record, reply: record.sends === move.sends ? 'ours' : 'taken' }
      return { record: { ...record, state: 'queued', sends: move.sends }, reply: 'ours' }
    case 'move':
      if (!held) return unmoved
      if (record.start !== move.start) return { record, reply: 'taken' }
      if (record.state === 'queued') return { record, reply: record.lane === move.lane ? 'ours' : 'taken' }
      return {
        record: { ...record, state: 'queued', lane: move.lane, moves: record.moves + 1 },
        reply: 'ours',
      }
    case 'answer': {
      if (record.state !== 'queued' && !(record.state === 'running' && move.after === 'called'))
        return unmoved
      const failedTo = move.failedTo === record.retries ? null : move.failedTo
      return { record: { ...record, state: 'answered', failedTo }, reply: true }
    }
    case 'report':
      if (record.state !== 'answered') return unmoved
      return ended(record, move.end, move.end === 'kept' ? 0 : move.latestMs)
    case 'abandon':
      return held ? { record: null, reply: true } : unmoved
  }
}

function accept(record: JobRecord | null, move: Extract<JobMove, { move: 'accept' }>): Moved {
  const { input, deadlineMs, retries, lane } = move
  const acceptance = decideAcceptance(record, move)
  if (record === null || acceptance === 'new') {
    const epoch = record === null ? move.firstEpoch : record.epoch + 1
    const started = {
      state: 'queued',
      failedTo: null,
      sends: null,
      deaths: 0,
      start: null,
      moves: 0,
    } as const
    return {
      record: { ...started, epoch, input, deadlineMs, retries, lane },
      reply: { acceptance, epoch, lane },
    }
  }
  const state = record.state === 'kept' && acceptance === 'answered' ? 'answered' : record.state
  return {
    record: {
      ...record,
      state,
      input: acceptance === 'duplicate' ? record.input : input,
      deadlineMs: Math.max(record.deadlineMs, deadlineMs),
    },
    reply: { acceptance, epoch: record.epoch, lane: record.lane },
  }
}

function ended(record: JobRecord, state: 'done' | 'released' | 'kept', latestMs: number): Moved {
  return { record: { ...record, state, deadlineMs: Math.max(record.deadlineMs, latestMs) }, reply: true }
}
