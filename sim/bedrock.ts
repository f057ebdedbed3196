// Serves one call the way Bedrock does: caller, fault, quota, model, answer. Each call is entered in the ledger on
// arrival and closed just before its answer is written. A caller that hangs up does not stop the model: as with AWS, the
// call runs to its end and is paid.
import { setTimeout as wait } from 'node:timers/promises'
import { type AccountsByKey, accountOf } from './accounts.ts'
import type { Answer } from './answers.ts'
import { type CallPath, estimateInputTokens, isConverse, isStream, readCallBody } from './bedrock-call.ts'
import { type CacheUse, PromptCache } from './cache.ts'
import { type Admitted, claimedCaller, refuseCaller } from './caller.ts'
import { dressed } from './converse/dress.ts'
import { schemaText } from './converse/normal-answer.ts'
import { promptTokens } from './converse/prompt.ts'
import { requestProblem } from './converse/request.ts'
import { type ErrorDetails, type ErrorName, isErrorName } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Faults } from './faults.ts'
import { drawLatencyMs, type Random } from './latency.ts'
import type { Ending, Entry, Ledger } from './ledger.ts'
import type { Lane, Quotas } from './quota.ts'
import { CompiledSchemas } from './schema/compile.ts'
import type { Directed } from './script/directive.ts'
import { scriptOf } from './script/script-of.ts'
import { behaviourOf, scriptName } from './scripted-models.ts'
import type { FaultRule, SimSettings } from './settings.ts'
import { generationMs, streamScriptOf } from './stream/pace.ts'
import { hangUp, sendStream } from './stream/send.ts'
import { makeMatcher } from './wildcard.ts'
import { type WireAnswer, wireAnswer, wireError, wireStream } from './wire-answer.ts'

/** The parts of a stand-in. */
export interface BedrockParts {
  admitted: Admitted
  accounts: AccountsByKey | undefined
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
  | ({ kind: 'error'; error: ErrorName } & ErrorDetails)
  | { kind: 'cut' }
  /** It was sent as a stream. */
  | { kind: 'streamed'; ending: Ending }
  | { kind: 'answer'; wire: WireAnswer; ending: Ending; half?: boolean }

interface Call {
  exchange: Exchange
  entry: Entry
  target: CallPath
  lane: Lane
  body: Buffer
  /** The body as text. */
  text: string
  /** The body as JSON; undefined when it is none. */
  parsed: unknown
}

/** The model calls of the stand-in. */
export class Bedrock {
  readonly #parts: BedrockParts
  /** Calls by model id, for the scripts that count. */
  #calls = new Map<string, number>()
  readonly #cache = new PromptCache()
  readonly #schemas = new CompiledSchemas()

  constructor(parts: BedrockParts) {
    this.#parts = parts
  }

  /** Starts the scripts' counters again, and empties the caches of prompts and schemas. */
  reset(): void {
    this.#calls = new Map()
    this.#cache.reset()
    this.#schemas.reset()
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
    const { admitted, faults, quotas, random, clock } = this.#parts
    const { exchange, target, lane, body, parsed } = call
    const { method, path, headers } = exchange
    const refusal = await refuseCaller({ method, path, headers, body }, admitted, clock())
    if (refusal !== undefined) return { kind: 'error', error: refusal }
    const asked = parsed === undefined ? undefined : readCallBody(parsed, body.length)
    if (asked === undefined && isConverse(target.operation)) return { kind: 'error', error: 'badrequest' }

    const fault = faults.strike(lane, random)
    if (fault !== undefined && isErrorName(fault.fault)) {
      return { kind: 'error', error: fault.fault, retryAfterSeconds: fault.retryAfterSeconds }
    }
    if (fault?.fault === 'hang' || (fault?.fault === 'stall' && !isStream(target.operation)))
      return this.#hang(exchange)
    if (fault?.fault === 'streamerror' && !isStream(target.operation))
      return { kind: 'error', error: 'modelerror' }
    if (fault?.fault === 'reset') return { kind: 'cut' }

    // What is read from the prompt cache is reserved too, and given back at the end, as at AWS.
    const inputTokens = isConverse(target.operation)
      ? promptTokens(parsed)
      : asked === undefined
        ? Math.ceil(body.length / 4)
        : estimateInputTokens(asked)
    const reservedTokens = inputTokens + (asked?.maxTokens ?? DEFAULT_MAX_TOKENS)
    const admission = quotas.take(lane, reservedTokens, clock())
    if (admission !== 'taken') {
      return { kind: 'error', error: admission === 'no tokens' ? 'throttletokens' : 'throttle' }
    }
    let usedTokens = 0
    try {
      const conclusion = await this.#askModel(call, asked?.lastText ?? '', fault)
      if ('ending' in conclusion && conclusion.ending.kind === 'ok') {
        const { inputTokens: input, outputTokens, cacheWriteInputTokens = 0 } = conclusion.ending
        usedTokens = input + cacheWriteInputTokens + outputTokens
      }
      return conclusion
    } finally {
      quotas.settle(lane, reservedTokens, usedTokens)
    }
  }

  async #askModel(call: Call, lastText: string, fault: FaultRule | undefined): Promise<Conclusion> {
    const { settings } = this.#parts
    const { target, text, parsed } = call
    const earlierCalls = this.#calls.get(target.model) ?? 0
    this.#calls.set(target.model, earlierCalls + 1)
    const directed = scriptOf(parsed, target.model, settings().scripts)
    if (typeof directed === 'string') return badRequest(`The directive of the prompt is wrong: ${directed}`)
    const behaviour = behaviourOf({ ...target, body: text, parsed, directed, lastText, earlierCalls })
    switch (behaviour.kind) {
      case 'error':
        return behaviour
      case 'hang':
        return this.#hang(call.exchange)
      case 'reset':
        return { kind: 'cut' }
      case 'answer': {
        const problem = this.#problem(call, directed)
        return problem === undefined ? this.#answer(call, behaviour, directed, fault) : badRequest(problem)
      }
    }
  }

  /** Why Bedrock would not take the request, if it would not. */
  #problem({ target, parsed }: Call, directed: Directed | undefined): string | undefined {
    if (!isConverse(target.operation)) return undefined
    if (this.#parts.settings().lenient.some((pattern) => makeMatcher(pattern)(target.model))) return undefined
    const unknownBlocks = scriptName(target.model) === 'mirror' || directed?.script.unknownBlocks === true
    return requestProblem(parsed, target.model, unknownBlocks)
  }

  async #answer(
    call: Call,
    { answer, modelMs }: { answer: Answer; modelMs?: number },
    directed: Directed | undefined,
    fault: FaultRule | undefined,
  ): Promise<Conclusion> {
    const { settings, random, clock } = this.#parts
    const { stream, latency } = settings()
    const slowMs = fault?.fault === 'slow' ? (fault.slowMs ?? DEFAULT_SLOW_MS) : 0
    const pace = streamScriptOf(stream, directed?.script.stream, undefined, 0)
    const cached = this.#cacheUse(call, clock())
    const firstMs =
      (pace.firstTokenMs ?? modelMs ?? drawLatencyMs(latency, random)) +
      slowMs +
      this.#compileMs(call, clock())
    const whole = completed(answer, call.parsed, directed, cached)
    await this.#wait(firstMs)
    cached?.store(clock())
    if (whole.kind !== 'raw' && isStream(call.target.operation) && !DAMAGES.has(fault?.fault)) {
      return this.#stream(call, whole, firstMs, { directed, fault })
    }
    const restMs = whole.kind === 'raw' ? 0 : generationMs(pace, whole.usage.outputTokens)
    await this.#wait(restMs)
    return answered(call, whole, firstMs + restMs, fault)
  }

  #cacheUse({ target, lane, parsed }: Call, now: number): CacheUse | undefined {
    if (!isConverse(target.operation)) return undefined
    const { settings, accounts } = this.#parts
    const scope = `${accountOf(lane.accessKey, accounts)} ${lane.region} ${lane.model}`
    const rule = settings().cacheMinimums.find(({ model }) => makeMatcher(model)(lane.model))
    return this.#cache.use(scope, parsed, rule?.tokens ?? 0, now)
  }

  #compileMs({ target, lane, parsed, entry }: Call, now: number): number {
    const schema = isConverse(target.operation) ? schemaText(parsed) : undefined
    if (schema === undefined) return 0
    const { settings, accounts } = this.#parts
    const account = accountOf(lane.accessKey, accounts)
    const { kind, ms } = this.#schemas.waitMs(account, schema, settings().schemaCompileMs, now)
    entry.logged.schema = kind
    return ms
  }

  async #stream(
    { exchange, entry, body }: Call,
    answer: Exclude<Answer, { kind: 'raw' }>,
    firstMs: number,
    { directed, fault }: { directed: Directed | undefined; fault: FaultRule | undefined },
  ): Promise<Conclusion> {
    const { settings, stopped } = this.#parts
    const { stream } = settings()
    const own = directed?.script.stream
    const paced = (own?.tokensPerSecond ?? stream.tokensPerSecond) !== undefined
    const latencyMs = firstMs + generationMs({ ...stream, ...own }, answer.usage.outputTokens)
    const wire = wireStream(answer, latencyMs, paced)
    let ending: Ending = { kind: 'error', status: 200 }
    await sendStream(exchange, wire, streamScriptOf(stream, own, fault, wire.events.length), {
      stopped,
      onEnd: ({ how, tokens }) => {
        const { usage } = answer
        const outputTokens = how === 'whole' ? usage.outputTokens : Math.min(tokens, usage.outputTokens)
        if (how !== 'error') ending = { kind: 'ok', status: 200, body, ...usage, outputTokens }
        entry.close(ending)
      },
    })
    return { kind: 'streamed', ending }
  }

  async #wait(ms: number): Promise<void> {
    const { stopped } = this.#parts
    if (ms > 0) await wait(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal: stopped })
  }

  async #hang({ closed }: Exchange): Promise<Conclusion> {
    await hangUp(AbortSignal.any([closed, this.#parts.stopped]))
    return { kind: 'cut' }
  }
}

/** Faults that damage the bytes of a whole answer, streams as well. */
const DAMAGES = new Set<FaultRule['fault'] | undefined>(['malformed', 'halfbody'])

/** The model's answer with what Bedrock adds, and with the tokens of the prompt cache where the request uses it. */
function completed(
  answer: Answer,
  parsed: unknown,
  directed: Directed | undefined,
  cached: CacheUse | undefined,
): Answer {
  if (answer.kind !== 'converse') return answer
  const usage = cached === undefined ? answer.usage : { ...answer.usage, ...cached.usage }
  return dressed({ ...answer, usage }, parsed, directed?.script)
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

function badRequest(message: string): Conclusion {
  return { kind: 'error', error: 'badrequest', message }
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
  return { kind: 'answer', wire, ending, half: fault?.fault === 'halfbody' || fault?.fault === 'break' }
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
