// One call of a model: its script, the guardrail, the tier, the caches, the time that it takes, and the answer or the stream.
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer, ConverseAnswer } from './answers.ts'
import { type CallPath, isConverse, isStream } from './bedrock-call.ts'
import { type CacheUse, PromptCache } from './cache.ts'
import { dressed } from './converse/dress.ts'
import { schemaText } from './converse/normal-answer.ts'
import { requestProblem } from './converse/request.ts'
import type { ErrorDetails, ErrorName } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { assess, type Judgement } from './guardrails/assess.ts'
import { blockedPrompt, type Guard, guardedAnswer, guardedTexts, guardOf } from './guardrails/guard.ts'
import { NO_SUCH_GUARDRAIL } from './guardrails/rule.ts'
import { headersProblem } from './invoke/headers.ts'
import { guardedNative } from './invoke/native.ts'
import { drawLatencyMs, type Random } from './latency.ts'
import type { Ending, Entry } from './ledger.ts'
import type { Lane } from './quota.ts'
import { CompiledSchemas } from './schema/compile.ts'
import type { Directed } from './script/directive.ts'
import { scriptOf } from './script/script-of.ts'
import { behaviourOf, scriptName } from './scripted-models.ts'
import type { FaultRule, SimSettings } from './settings.ts'
import { generationMs, streamScriptOf } from './stream/pace.ts'
import { hangUp, sendStream } from './stream/send.ts'
import { type Served, servedBy, servedFields, servedHeaders } from './tiers.ts'
import { makeMatcher } from './wildcard.ts'
import { type WireAnswer, wireAnswer, wireStream } from './wire-answer.ts'

/** A call, as it was sent. */
export interface Call {
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

/** How a call is to end. */
export type Conclusion =
  | ({ kind: 'error'; error: ErrorName } & ErrorDetails)
  | { kind: 'cut' }
  /** It was sent as a stream. */
  | { kind: 'streamed'; ending: Ending }
  | { kind: 'answer'; wire: WireAnswer; ending: Ending; half?: boolean }

/** The parts of the models. */
export interface ModelParts {
  /** The account of an access key. */
  accountOf: (accessKey: string) => string
  settings: () => SimSettings
  random: Random
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Aborted when the stand-in stops: every waiting call is then cut. */
  stopped: AbortSignal
}

/** What is around a model in one call. */
interface Setting {
  directed: Directed | undefined
  fault: FaultRule | undefined
  served: Served
  guard: Guard | undefined
  /** The guardrail's judgement on the prompt. */
  judged: Judgement | undefined
}

const DEFAULT_SLOW_MS = 5_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** All models. */
export class Models {
  readonly #parts: ModelParts
  /** Calls by model id, for the scripts that count. */
  #calls = new Map<string, number>()
  readonly #cache = new PromptCache()
  readonly #schemas = new CompiledSchemas()

  constructor(parts: ModelParts) {
    this.#parts = parts
  }

  /** Starts the scripts' counters again, and empties the caches of prompts and schemas. */
  reset(): void {
    this.#calls = new Map()
    this.#cache.reset()
    this.#schemas.reset()
  }

  /** Asks a model. `lastText`: the last text of the prompt. */
  async ask(call: Call, lastText: string, fault: FaultRule | undefined): Promise<Conclusion> {
    const { settings } = this.#parts
    const { target, text, parsed, exchange } = call
    const { accept } = exchange.headers
    const earlierCalls = this.#calls.get(target.model) ?? 0
    this.#calls.set(target.model, earlierCalls + 1)
    const directed = scriptOf(parsed, target.model, settings().scripts)
    if (typeof directed === 'string') return badRequest(`The directive of the prompt is wrong: ${directed}`)
    const behaviour = behaviourOf({ ...target, body: text, parsed, directed, lastText, accept, earlierCalls })
    switch (behaviour.kind) {
      case 'error':
        return behaviour
      case 'hang':
        return this.hang(exchange)
      case 'reset':
        return { kind: 'cut' }
      case 'answer': {
        const setting = this.#setting(call, directed, fault)
        return 'kind' in setting ? setting : this.#answer(call, behaviour, setting)
      }
    }
  }

  /** Never answers. */
  async hang({ closed }: Exchange): Promise<Conclusion> {
    await hangUp(AbortSignal.any([closed, this.#parts.stopped]))
    return { kind: 'cut' }
  }

  /** Reads what the request asks for besides an answer. @returns an error when Bedrock would not take it. */
  #setting(
    { target, parsed, exchange }: Call,
    directed: Directed | undefined,
    fault: FaultRule | undefined,
  ): Setting | Conclusion {
    const { lenient, tiers, guardrails } = this.#parts.settings()
    const isLenient = lenient.some((pattern) => makeMatcher(pattern)(target.model))
    if (!isLenient) {
      const unknownBlocks = scriptName(target.model) === 'mirror' || directed?.script.unknownBlocks === true
      const problem = isConverse(target.operation)
        ? requestProblem(parsed, target.model, unknownBlocks)
        : headersProblem(exchange.headers)
      if (problem !== undefined) return badRequest(problem)
    }
    const served = servedBy(parsed, exchange.headers, tiers)
    if (typeof served === 'string') return { kind: 'error', error: served }
    const guard = guardOf(parsed, exchange.headers, guardrails)
    if (guard === 'missing') return badRequest(NO_SUCH_GUARDRAIL)
    const judged = guard && assess(guard.rule, guard.version, guardedTexts(parsed))
    return { directed, fault, served, guard, judged }
  }

  async #answer(
    call: Call,
    { answer, modelMs }: { answer: Answer; modelMs?: number },
    setting: Setting,
  ): Promise<Conclusion> {
    const { settings, random, clock } = this.#parts
    const { stream, latency } = settings()
    const { directed, fault } = setting
    const slowMs = fault?.fault === 'slow' ? (fault.slowMs ?? DEFAULT_SLOW_MS) : 0
    const pace = { ...stream, ...directed?.script.stream }
    const cached = this.#cacheUse(call, clock())
    const ownMs = directed?.script.stream?.firstTokenMs ?? modelMs ?? stream.firstTokenMs
    const firstMs = (ownMs ?? drawLatencyMs(latency, random)) + slowMs + this.#compileMs(call, clock())
    const whole = completed(answer, call, setting, cached)
    await this.#wait(firstMs)
    cached?.store(clock())
    if (whole.kind !== 'raw' && isStream(call.target.operation) && !DAMAGES.has(fault?.fault)) {
      return this.#stream(call, whole, firstMs, setting)
    }
    const restMs = whole.kind === 'raw' ? 0 : generationMs(pace, whole.usage.outputTokens)
    await this.#wait(restMs)
    return answered(call, whole, firstMs + restMs, fault)
  }

  #cacheUse({ target, lane, parsed }: Call, now: number): CacheUse | undefined {
    if (!isConverse(target.operation)) return undefined
    const { settings, accountOf } = this.#parts
    const scope = `${accountOf(lane.accessKey)} ${lane.region} ${lane.model}`
    const minimumTokens = () =>
      settings().cacheMinimums.find(({ model }) => makeMatcher(model)(lane.model))?.tokens ?? 0
    return this.#cache.use(scope, parsed, minimumTokens, now)
  }

  #compileMs({ target, lane, parsed, entry }: Call, now: number): number {
    const schema = isConverse(target.operation) ? schemaText(parsed) : undefined
    if (schema === undefined) return 0
    const { settings, accountOf } = this.#parts
    const account = accountOf(lane.accessKey)
    const { kind, ms } = this.#schemas.waitMs(account, schema, settings().schemaCompileMs, now)
    entry.logged.schema = kind
    return ms
  }

  async #stream(
    { exchange, entry, body }: Call,
    answer: Exclude<Answer, { kind: 'raw' }>,
    firstMs: number,
    { directed, fault }: Setting,
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
}

/** Faults that damage the bytes of a whole answer, streams as well. */
const DAMAGES = new Set<FaultRule['fault'] | undefined>(['malformed', 'halfbody'])

/** The model's answer with what Bedrock adds: what the guardrail makes of it, the tier, and the tokens of the prompt cache. */
function completed(answer: Answer, call: Call, setting: Setting, cached: CacheUse | undefined): Answer {
  const { directed, served, guard, judged } = setting
  if (answer.kind === 'raw') return answer
  if (answer.kind === 'invoke') {
    const headers = servedHeaders(served)
    const guarded =
      guard && judged
        ? guardedNative(answer, { name: scriptName(call.target.model), parsed: call.parsed }, (blocks) =>
            guardedBy(guard, judged, blocks),
          )
        : answer
    return { ...guarded, headers }
  }
  const usage = cached === undefined ? answer.usage : { ...answer.usage, ...cached.usage }
  const full = dressed({ ...answer, usage, further: servedFields(served) }, call.parsed, directed?.script)
  return guard && judged ? guardedBy(guard, judged, full) : full
}

function guardedBy(guard: Guard, judged: Judgement, answer: ConverseAnswer): ConverseAnswer {
  return judged.blocked ? blockedPrompt(guard, judged) : guardedAnswer(guard, judged, answer)
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

/** A request that Bedrock does not take, with its message. */
function badRequest(message: string): Conclusion {
  return { kind: 'error', error: 'badrequest', message }
}
