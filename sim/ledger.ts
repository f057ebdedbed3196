// The stand-in's records: which calls were made, answered, refused and paid twice. A call is entered on arrival and closed
// exactly once, before its answer is written, so that a caller that has its answer finds it counted.
import { createHash } from 'node:crypto'
import type { Usage } from './answers.ts'
import { type Lane, laneName } from './quota.ts'

/** Counters since the start or the last reset; `requests` = `ok` + `throttled` + `errors` + `inFlight`. */
export interface SimStats {
  requests: number
  /** Calls whose model ran to its end, answered 200: what AWS would bill. */
  ok: number
  /** Calls answered with a ThrottlingException. */
  throttled: number
  /** Calls answered with another error, or not at all. */
  errors: number
  /** Calls that run now. */
  inFlight: number
  maxInFlight: number
  /** Tokens of the calls in `ok`, as their answers state them. */
  inputTokens: number
  outputTokens: number
  /** Calls in `ok` whose model and body had been answered 200 before: paid twice. */
  duplicates: number
  /** By {@link laneName}. */
  lanes: Record<string, LaneStats>
}

/** Counters of one lane, as in {@link SimStats}; times are ms since the epoch. */
export interface LaneStats {
  requests: number
  ok: number
  throttled: number
  errors: number
  duplicates: number
  inputTokens: number
  outputTokens: number
  quotaRequestsPerMinute: number | null
  /** Arrival of the first and of the latest call. */
  firstAt: number
  lastAt: number
}

/** One call, in the order of arrival. */
export interface LoggedRequest {
  at: number
  method: string
  /** Raw, still URL-encoded. */
  path: string
  model: string
  region: string
  accessKey: string
  /** 0 before the answer, and if the connection was cut instead. */
  status: number
  protocol: 'http/1.1' | 'h2'
  /** Input and output tokens that its answer states; 0 while there is none, and where it is an error. */
  tokens: number
  /** Further input tokens: read from the prompt cache, and written to it. Where its answer states them. */
  cacheReadTokens?: number
  cacheWriteTokens?: number
  /** Whether it was the first with its JSON schema, or waited for the first. */
  schema?: 'started' | 'waited' | 'ready'
  /** Kept when `recordBodies` is on. */
  body?: string
  /** Headers of Bedrock's own (`x-amzn-bedrock-…`), `content-type` and `accept`: kept when `recordBodies` is on. */
  headers?: Readonly<Record<string, string>>
}

/** How a call ended. */
export type Ending =
  /** `free`: no model was asked, so it is never paid twice. */
  | ({ kind: 'ok'; status: number; body: Uint8Array; free?: boolean } & Usage)
  | { kind: 'throttled'; status: number }
  | { kind: 'error'; status: number }

/** An entered call, to be closed once. */
export interface Entry {
  readonly logged: LoggedRequest
  close(ending: Ending): void
}

const LOG_LIMIT = 100_000
const ANSWERED_LIMIT = 1_000_000

type Counters = Omit<LaneStats, 'quotaRequestsPerMinute' | 'firstAt' | 'lastAt'>

function zero(): Counters {
  return { requests: 0, ok: 0, throttled: 0, errors: 0, duplicates: 0, inputTokens: 0, outputTokens: 0 }
}

interface LaneBook extends Counters {
  lane: Lane
  firstAt: number
  lastAt: number
}

/** The records from the start or a reset to the next reset. */
interface Period {
  total: Counters
  inFlight: number
  maxInFlight: number
  lanes: Map<string, LaneBook>
  log: LoggedRequest[]
  /** Hashes of (model, body) answered 200, oldest first; bounded, so that a long load test does not fill memory. */
  answered: Set<string>
}

function openPeriod(): Period {
  return {
    total: zero(),
    inFlight: 0,
    maxInFlight: 0,
    lanes: new Map(),
    log: [],
    answered: new Set(),
  }
}

/** The records. Calls that arrived before a reset do not count after it. */
export class Ledger {
  #period = openPeriod()

  /** Starts again from zero. */
  reset(): void {
    this.#period = openPeriod()
  }

  /** Enters a call that has just arrived. The log keeps the latest 100,000. */
  enter(logged: LoggedRequest): Entry {
    const period = this.#period
    const lane = laneBook(period, logged)
    const books = [period.total, lane]
    for (const book of books) book.requests += 1
    lane.lastAt = logged.at
    period.inFlight += 1
    period.maxInFlight = Math.max(period.maxInFlight, period.inFlight)
    period.log.push(logged)
    if (period.log.length > LOG_LIMIT * 1.1) period.log.splice(0, period.log.length - LOG_LIMIT)
    let open = true
    const close = (ending: Ending) => {
      if (!open) return
      open = false
      period.inFlight -= 1
      logged.status = ending.status
      if (ending.kind === 'ok') Object.assign(logged, statedTokens(ending))
      const duplicate =
        ending.kind === 'ok' && !ending.free && noteAnswered(period, logged.model, ending.body)
      for (const book of books) count(book, ending, duplicate)
    }
    return { logged, close }
  }

  /** The current counters. */
  stats(quotaOf: (lane: Lane) => number | null): SimStats {
    const { total, inFlight, maxInFlight, lanes } = this.#period
    const named = Array.from(lanes, ([name, { lane, ...book }]): [string, LaneStats] => [
      name,
      { ...book, quotaRequestsPerMinute: quotaOf(lane) },
    ])
    return { ...total, inFlight, maxInFlight, lanes: Object.fromEntries(named) }
  }

  /** Copies of the logged calls. */
  requests(): LoggedRequest[] {
    return this.#period.log.map((logged) => ({ ...logged }))
  }
}

function statedTokens({ inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens }: Usage) {
  return {
    tokens: inputTokens + outputTokens,
    ...(cacheReadInputTokens !== undefined && { cacheReadTokens: cacheReadInputTokens }),
    ...(cacheWriteInputTokens !== undefined && { cacheWriteTokens: cacheWriteInputTokens }),
  }
}

function laneBook({ lanes }: Period, { accessKey, region, model, at }: LoggedRequest): LaneBook {
  const lane = { accessKey, region, model }
  const name = laneName(lane)
  let book = lanes.get(name)
  if (book === undefined) {
    book = { lane, ...zero(), firstAt: at, lastAt: at }
    lanes.set(name, book)
  }
  return book
}

function noteAnswered({ answered }: Period, model: string, body: Uint8Array): boolean {
  const hash = createHash('sha256').update(model).update('\0').update(body).digest('base64')
  if (answered.has(hash)) return true
  answered.add(hash)
  if (answered.size > ANSWERED_LIMIT) {
    const [oldest] = answered
    if (oldest !== undefined) answered.delete(oldest)
  }
  return false
}

function count(book: Counters, ending: Ending, duplicate: boolean): void {
  switch (ending.kind) {
    case 'ok':
      book.ok += 1
      book.inputTokens += ending.inputTokens
      book.outputTokens += ending.outputTokens
      if (duplicate) book.duplicates += 1
      return
    case 'throttled':
      book.throttled += 1
      return
    case 'error':
      book.errors += 1
  }
}
