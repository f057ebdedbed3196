// Serves one call the way Bedrock does: caller, fault, quota, model, answer. Each call is entered in the ledger on
// arrival and closed just before its answer is written. A caller that hangs up does not stop the model: as with AWS, the
// call runs to its end and is paid.
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './answers.ts'
import { type CallPath, estimateInputTokens, isConverse, readCallBody } from './bedrock-call.ts'
import { type Admitted, claimedCaller, refuseCaller } from './caller.ts'
import { type ErrorName, isErrorName } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Faults } from './faults.ts'
import { drawLatencyMs, type Random } from './latency.ts'
import type { Ending, Entry, Ledger } from './ledger.ts'
import type { Lane, Quotas } from './quota.ts'
import { behaviourOf } from './scripted-models.ts'
import type { FaultRule, SimSettings } from './settings.ts'
import { type WireAnswer, wireAnswer, wireError } from './wire-answer.ts'

/** The parts of a stand-in. */
export interface BedrockParts {
  admitted: Admitted
  settings: () => SimSettings
  quotas: Quotas
  faults: Faults
  ledger: Ledger
  random: Random
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Aborted when the stand-in stops: every waiting call is then cut. */
  stopped: AbortSignal
}

/** Output tokens reserved for a call that sets no bound. */
const DEFAULT_MAX_TOKENS = 4096
const DEFAULT_SLOW_MS = 5_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** How a call is to end. */
type Conclusion =
  | { kind: 'error'; error: ErrorName; retryAfterSeconds?: number | undefined }
  | { kind: 'cut' }
  | { kind: 'answer'; wire: WireAnswer; ending: Ending; half?: boolean }

interface Call {
  exchange: Exchange
  target: CallPath
  lane: Lane
  body: Buffer
  /** The body as text. */
  text: string
}

/** The model calls of the stand-in. */
export class Bedrock {
  readonly #parts: BedrockParts
  /** Calls by model id, for the scripts that count. */
  #calls = new Map<string, number>()

  constructor(parts: BedrockParts) {
    this.#parts = parts
  }

  /** Starts the scripts' counters again. */
  reset(): void {
    this.#calls = new Map()
  }

  /** Serves one call to its end. Never throws. */
  async serve(exchange: Exchange, target: CallPath): Promise<void> {
    const { ledger, clock, settings } = this.#parts
    const { method, path, protocol, headers } = exchange
    const lane = { ...claimedCaller(headers), model: target.model }
    const entry = ledger.enter({ at: clock(), method, path, ...lane, status: 0, protocol, tokens: 0 })
    try {
      const body = await exchange.readBody()
      if (body === 'gone') return conclude(exchange, entry, { kind: 'cut' })
      if (body === 'too large') return conclude(exchange, entry, { kind: 'error', error: 'toolarge' })
      const text = body.toString()
      if (settings().recordBodies) entry.logged.body = text
      conclude(exchange, entry, await this.#work({ exchange, target, lane, body, text }))
    } catch (error) {
      const stopping = this.#parts.stopped.aborted
      conclude(exchange, entry, stopping ? { kind: 'cut' } : { kind: 'error', error: 'internal' })
      if (!stopping) process.emitWarning(`The Bedrock stand-in could not serve ${path}: ${String(error)}`)
    }
  }

  async #work(call: Call): Promise<Conclusion> {
    const { admitted, faults, quotas, random, clock } = this.#parts
    const { exchange, target, lane, body, text } = call
    const { method, path, headers } = exchange
    const refusal = await refuseCaller({ method, path, headers, body }, admitted, clock())
    if (refusal !== undefined) return { kind: 'error', error: refusal }
    const asked = readCallBody(text)
    if (asked === undefined && isConverse(target.operation)) return { kind: 'error', error: 'badrequest' }

    const fault = faults.strike(lane, random)
    if (fault !== undefined && isErrorName(fault.fault)) {
      return { kind: 'error', error: fault.fault, retryAfterSeconds: fault.retryAfterSeconds }
    }
    if (fault?.fault === 'hang') return this.#hang(exchange)
    if (fault?.fault === 'reset') return { kind: 'cut' }

    const inputTokens = asked === undefined ? Math.ceil(body.length / 4) : estimateInputTokens(asked)
    const reservedTokens = inputTokens + (asked?.maxTokens ?? DEFAULT_MAX_TOKENS)
    const admission = quotas.take(lane, reservedTokens, clock())
    if (admission !== 'taken') {
      return { kind: 'error', error: admission === 'no tokens' ? 'throttletokens' : 'throttle' }
    }
    let usedTokens = 0
    try {
      const conclusion = await this.#askModel(call, asked?.lastText ?? '', fault)
      if (conclusion.kind === 'answer' && conclusion.ending.kind === 'ok') {
        usedTokens = conclusion.ending.inputTokens + conclusion.ending.outputTokens
      }
      return conclusion
    } finally {
      quotas.settle(lane, reservedTokens, usedTokens)
    }
  }

  async #askModel(call: Call, lastText: string, fault: FaultRule | undefined): Promise<Conclusion> {
    const { settings, random, stopped } = this.#parts
    const { target, text } = call
    const earlierCalls = this.#calls.get(target.model) ?? 0
    this.#calls.set(target.model, earlierCalls + 1)
    const behaviour = behaviourOf({ ...target, body: text, lastText, earlierCalls })
    switch (behaviour.kind) {
      case 'error':
        return behaviour
      case 'hang':
        return this.#hang(call.exchange)
      case 'reset':
        return { kind: 'cut' }
      case 'answer': {
        const slowMs = fault?.fault === 'slow' ? (fault.slowMs ?? DEFAULT_SLOW_MS) : 0
        const latencyMs = (behaviour.modelMs ?? drawLatencyMs(settings().latency, random)) + slowMs
        if (latencyMs > 0) await wait(Math.min(latencyMs, LONGEST_TIMER_MS), undefined, { signal: stopped })
        return answered(call, behaviour.answer, latencyMs, fault)
      }
    }
  }

  async #hang({ closed }: Exchange): Promise<Conclusion> {
    const ended = AbortSignal.any([closed, this.#parts.stopped])
    if (!ended.aborted)
      await new Promise((resolve) => ended.addEventListener('abort', resolve, { once: true }))
    return { kind: 'cut' }
  }
}

function answered(
  { target, body }: Call,
  answer: Answer,
  latencyMs: number,
  fault: FaultRule | undefined,
): Conclusion {
  const wire = wireAnswer(answer, target.operation, latencyMs)
  const ending: Ending =
    answer.kind === 'raw'
      ? { kind: 'error', status: wire.status }
      : { kind: 'ok', status: wire.status, body, ...answer.usage }
  // The model has given a broken answer, so AWS would bill it.
  if (fault?.fault === 'malformed') wire.body = wire.body.subarray(0, wire.body.length / 2)
  return { kind: 'answer', wire, ending, half: fault?.fault === 'halfbody' }
}

function conclude(exchange: Exchange, entry: Entry, conclusion: Conclusion): void {
  switch (conclusion.kind) {
    case 'cut':
      entry.close({ kind: 'error', status: 0 })
      exchange.cut()
      return
    case 'error': {
      const { error, retryAfterSeconds } = conclusion
      const wire = wireError(error, retryAfterSeconds)
      const throttled = error === 'throttle' || error === 'throttletokens'
      entry.close({ kind: throttled ? 'throttled' : 'error', status: wire.status })
      exchange.send(wire)
      return
    }
    case 'answer':
      entry.close(conclusion.ending)
      if (conclusion.half) exchange.sendHalf(conclusion.wire)
      else exchange.send(conclusion.wire)
  }
}
