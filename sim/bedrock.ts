// Serves one call the way Bedrock does: caller, fault, quota, model, answer. Each call is entered in the ledger on
// arrival and closed just before its answer is written. A caller that hangs up does not stop the model: as with AWS, the
// call runs to its end and is paid.
import { randomUUID } from 'node:crypto'
import { type CallPath, estimateInputTokens, isConverse, isStream, readCallBody } from './bedrock-call.ts'
import { type Admitted, claimedCaller, refuseCaller } from './caller.ts'
import { promptTokens } from './converse/prompt.ts'
import { isErrorName } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Faults } from './faults.ts'
import type { Entry, Ledger } from './ledger.ts'
import { type Call, type Conclusion, type ModelParts, Models } from './model.ts'
import type { Quotas } from './quota.ts'
import type { FaultRule } from './settings.ts'
import { sideAnswer } from './side-calls.ts'
import { wireError } from './wire-answer.ts'

/** The parts of a stand-in. */
export interface BedrockParts extends ModelParts {
  admitted: Admitted
  quotas: Quotas
  faults: Faults
  ledger: Ledger
}

/** Output tokens reserved for a call that sets no bound. */
const DEFAULT_MAX_TOKENS = 4096

/** The calls of the stand-in. */
export class Bedrock {
  readonly #parts: BedrockParts
  readonly #models: Models

  constructor(parts: BedrockParts) {
    this.#parts = parts
    this.#models = new Models(parts)
  }

  /** Starts again as if no call had been made. */
  reset(): void {
    this.#models.reset()
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
      if (settings().recordBodies) Object.assign(entry.logged, { body: text, headers: recorded(headers) })
      const parsed = parse(text)
      conclude(exchange, entry, await this.#work({ exchange, entry, target, lane, body, text, parsed }))
    } catch (error) {
      const stopping = this.#parts.stopped.aborted
      conclude(exchange, entry, stopping ? { kind: 'cut' } : { kind: 'error', error: 'internal' })
      if (!stopping) process.emitWarning(`The Bedrock stand-in could not serve ${path}: ${String(error)}`)
    }
  }

  async #work(call: Call): Promise<Conclusion> {
    const { admitted, faults, random, clock, settings } = this.#parts
    const { exchange, target, lane, body, parsed } = call
    const { method, path, headers } = exchange
    const refusal = await refuseCaller({ method, path, headers, body }, admitted, clock())
    if (refusal !== undefined) return { kind: 'error', error: refusal }
    if (parsed === undefined && !/^invoke/.test(target.operation))
      return { kind: 'error', error: 'badrequest' }
    const fault = faults.strike(lane, random)
    const struck = fault && (await this.#struck(call, fault))
    if (struck !== undefined) return struck
    const side = sideAnswer(target, parsed, settings().guardrails)
    if (side === undefined) return this.#askModel(call, fault)
    if ('error' in side) return { kind: 'error', ...side }
    return sideConclusion(side.answer, body)
  }

  /** What a fault does in place of an answer; undefined for faults that damage the answer. */
  async #struck(
    { exchange, target }: Call,
    { fault, retryAfterSeconds }: FaultRule,
  ): Promise<Conclusion | undefined> {
    if (isErrorName(fault)) return { kind: 'error', error: fault, retryAfterSeconds }
    if (fault === 'reset') return { kind: 'cut' }
    if (fault === 'hang') return this.#models.hang(exchange)
    if (isStream(target.operation)) return undefined
    if (fault === 'stall') return this.#models.hang(exchange)
    return fault === 'streamerror' ? { kind: 'error', error: 'modelerror' } : undefined
  }

  async #askModel(call: Call, fault: FaultRule | undefined): Promise<Conclusion> {
    const { quotas, clock, admitted } = this.#parts
    const { target, body, parsed } = call
    // Each session of a role has another access key; all of its account share their quotas.
    const { account: accessKey = call.lane.accessKey } = admitted.issued?.find(call.lane.accessKey) ?? {}
    const lane = { ...call.lane, accessKey }
    const asked = parsed === undefined ? undefined : readCallBody(parsed, body.length)
    const estimate = asked === undefined ? Math.ceil(body.length / 4) : estimateInputTokens(asked)
    // What is read from the prompt cache is reserved too, and given back at the end, as at AWS.
    const inputTokens = isConverse(target.operation) ? promptTokens(parsed) : estimate
    const reservedTokens = inputTokens + (asked?.maxTokens ?? DEFAULT_MAX_TOKENS)
    const admission = quotas.take(lane, reservedTokens, clock())
    if (admission !== 'taken') {
      return { kind: 'error', error: admission === 'no tokens' ? 'throttletokens' : 'throttle' }
    }
    let usedTokens = 0
    try {
      const conclusion = await this.#models.ask(call, asked?.lastText ?? '', fault)
      if ('ending' in conclusion && conclusion.ending.kind === 'ok') {
        const { inputTokens: input, outputTokens, cacheWriteInputTokens = 0 } = conclusion.ending
        usedTokens = input + cacheWriteInputTokens + outputTokens
      }
      return conclusion
    } finally {
      quotas.settle(lane, reservedTokens, usedTokens)
    }
  }
}

/** The answer of an operation that generates nothing: asking again is not paying twice. */
function sideConclusion(answer: unknown, body: Buffer): Conclusion {
  const headers = { 'x-amzn-RequestId': randomUUID(), 'content-type': 'application/json' }
  const wire = { status: 200, headers, body: Buffer.from(JSON.stringify(answer)) }
  return {
    kind: 'answer',
    wire,
    ending: { kind: 'ok', status: 200, body, inputTokens: 0, outputTokens: 0, free: true },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The headers that belong to what was asked. */
function recorded(headers: Exchange['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(x-amzn-bedrock-.*|content-type|accept)$/.test(name)),
  )
}

function conclude(exchange: Exchange, entry: Entry, conclusion: Conclusion): void {
  switch (conclusion.kind) {
    case 'cut':
      entry.close({ kind: 'error', status: 0 })
      exchange.cut()
      return
    case 'streamed':
      return
    case 'error': {
      const { error } = conclusion
      const wire = wireError(error, conclusion)
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
