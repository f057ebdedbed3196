// How a model behaves: by its script, or by its id. `throttle-2` is throttled twice and then answers, `numbers` answers with
// numbers at the edges of JSON, `sized-50` states the tokens of the prompt and 50 % of the output tokens asked for.
// The part after an '@' in the id is ignored here, and gives a separate counter.
// Pure: the number of earlier calls is an argument.

import { type Answer, CONVERSE_USAGE, converseAnswer, type Usage } from './answers.ts'
import { estimateInputTokens, isConverse, type Operation, readCallBody } from './bedrock-call.ts'
import { normalConverse, type Wishes } from './converse/normal-answer.ts'
import { type ErrorName, isErrorName } from './errors.ts'
import { nativeAnswer } from './invoke/native.ts'
import { scriptedInvoke } from './invoke/scripted.ts'
import { fieldOf, isObject, listOf, parseExact, textOf } from './json.ts'
import { type Directed, withoutDirectives } from './script/directive.ts'
import { offeredTools, scriptedTurn, toolTurn } from './script/turn.ts'

/** What a model does with one call. */
export type Behaviour =
  | { kind: 'error'; error: ErrorName; retryAfterSeconds?: number }
  | { kind: 'hang' }
  | { kind: 'reset' }
  /** `modelMs` replaces the drawn latency. */
  | { kind: 'answer'; answer: Answer; modelMs?: number }

/** One call of a model. */
export interface ModelCall {
  operation: Operation
  /** The model id or ARN, with its `@` suffix if it has one. */
  model: string
  /** The request body. */
  body: string
  /** The body as JSON; undefined when it is none. */
  parsed: unknown
  /** The script of a directive or of the settings. */
  directed: Directed | undefined
  /** The last text of the last message. */
  lastText: string
  /** The `accept` header. */
  accept?: string | undefined
  /** How often this model id was called before. */
  earlierCalls: number
}

const SCRIPTED_ERRORS = new Set<ErrorName>([
  'throttle',
  'throttleday',
  'validation',
  'denied',
  'notfound',
  'unavailable',
  'internal',
  'modelerror',
  'modeltimeout',
  'notready',
  'quota',
  'badtoken',
])

/** The name of a model in scripts: its id without the suffix. */
export function scriptName(model: string): string {
  return model.split('@', 1)[0] ?? ''
}

/** How the model behaves on this call; a model id with no script answers normally. */
export function behaviourOf(call: ModelCall): Behaviour {
  const name = scriptName(call.model)
  const [, base, number] = /^([a-z0-9]+)-(\d+)$/.exec(name) ?? []
  const trouble = troubleOf(base ?? name)
  // `throttle-2`: the trouble twice, then the normal answer.
  if (trouble !== undefined && call.earlierCalls < Number(number ?? Number.POSITIVE_INFINITY)) return trouble
  const { error, modelMs } = call.directed?.script ?? {}
  if (error !== undefined) return { kind: 'error', error }
  if (base === 'slow') return { kind: 'answer', answer: normalAnswer(name, call), modelMs: Number(number) }
  const answer = directedAnswer(name, call) ?? scriptedAnswer(name, call) ?? normalAnswer(name, call)
  return { kind: 'answer', answer, ...(modelMs !== undefined && { modelMs }) }
}

/** The answer of a directive or of the settings. */
function directedAnswer(name: string, call: ModelCall): Answer | undefined {
  const { operation, directed, parsed } = call
  if (directed === undefined) return undefined
  const answer = scriptedTurn(directed.script, directed.turn, parsed, scriptedUsage(name, call))
  if (answer === undefined || isConverse(operation)) return answer
  return nativeAnswer(name, parsed, answer, directed.script.usage)
}

function troubleOf(name: string): Behaviour | undefined {
  if (isErrorName(name) && SCRIPTED_ERRORS.has(name)) return { kind: 'error', error: name }
  switch (name) {
    case 'throttleretryafter':
      return { kind: 'error', error: 'throttle', retryAfterSeconds: 1 }
    case 'hang':
      return { kind: 'hang' }
    case 'reset':
      return { kind: 'reset' }
    case 'html':
      return { kind: 'answer', answer: page(200) }
    case 'html503':
      return { kind: 'answer', answer: page(503) }
    case 'malformed':
      return { kind: 'answer', answer: raw('application/json', '{"id":"chatcmpl-1","choi') }
    case 'empty':
      return { kind: 'answer', answer: raw('application/json', '') }
    default:
      return undefined
  }
}

function raw(contentType: string, body: string, status = 200): Answer {
  return { kind: 'raw', status, contentType, body }
}

function page(status: number): Answer {
  return raw('text/html', '<html><head><title>Proxy</title></head><body>Proxy</body></html>', status)
}

function normalAnswer(name: string, call: ModelCall, usage?: Usage): Answer {
  const { operation, lastText, parsed, directed } = call
  if (isConverse(operation)) return normalConverse(parsed, lastText, wishesOf(name, call, usage))
  const text = `Hello from ${name}`
  const answer = converseAnswer([{ text }])
  return nativeAnswer(name, parsed, answer, usage ?? directed?.script.usage)
}

function wishesOf(
  name: string,
  { directed, earlierCalls, parsed }: ModelCall,
  usage: Usage | undefined,
): Wishes {
  const [, calls = 0] = /^invalid-(\d+)$/.exec(name) ?? []
  const { invalid = 0, document, usage: stated } = directed?.script ?? {}
  return {
    usage: stated ?? usage ?? CONVERSE_USAGE,
    turn: directed?.turn ?? answersSoFar(parsed),
    violate: earlierCalls < Number(calls) || (directed !== undefined && directed.turn < invalid),
    document,
  }
}

/** Messages of the assistant since the last message of a user that is not a tool's result. */
function answersSoFar(parsed: unknown): number {
  let answers = 0
  for (const message of listOf(fieldOf(parsed, 'messages'))) {
    if (textOf(message, 'role') === 'assistant') answers += 1
    else if (listOf(fieldOf(message, 'content')).every((block) => fieldOf(block, 'toolResult') === undefined))
      answers = 0
  }
  return answers
}

/** `sized-<percent>`, or `usage-<input>-<output>`, optionally followed by tokens read from and written to a prompt cache. */
function scriptedUsage(name: string, call: ModelCall): Usage | undefined {
  const [, percent] = /^sized-(\d+)$/.exec(name) ?? []
  if (percent !== undefined) return sizedUsage(call, Number(percent))
  const [, input, output, cacheRead, cacheWrite] = /^usage-(\d+)-(\d+)(?:-(\d+)-(\d+))?$/.exec(name) ?? []
  if (input === undefined) return undefined
  const usage = { inputTokens: Number(input), outputTokens: Number(output) }
  if (cacheRead === undefined) return usage
  return { ...usage, cacheReadInputTokens: Number(cacheRead), cacheWriteInputTokens: Number(cacheWrite) }
}

function scriptedAnswer(name: string, call: ModelCall): Answer | undefined {
  const usage = scriptedUsage(name, call)
  if (usage !== undefined) return normalAnswer(name, call, usage)
  const [, length] = /^large-(\d+)$/.exec(name) ?? []
  if (length !== undefined) {
    const text = 'x'.repeat(Number(length))
    return isConverse(call.operation)
      ? converseAnswer([{ text }])
      : nativeAnswer(name, call.parsed, converseAnswer([{ text }]))
  }
  return isConverse(call.operation)
    ? (scriptedConverse(name) ?? conversationOf(name, call))
    : scriptedInvoke(name, call.body, call.accept)
}

/** Models whose answers depend on the conversation. */
function conversationOf(name: string, { parsed, body }: ModelCall): Answer | undefined {
  if (name === 'mirror') return converseAnswer(mirrored(body))
  const [, stop] = /^stop-([a-z_]+)$/.exec(name) ?? []
  if (stop !== undefined) return converseAnswer([{ text: `Stopped by ${stop}` }], stop)
  const [, turns] = /^tools-(\d+)$/.exec(name) ?? []
  if (turns === undefined) return undefined
  const turn = answersSoFar(parsed)
  const offered = offeredTools(parsed)
  return turn < Number(turns) && offered.length > 0 ? toolTurn(offered, turn, parsed) : undefined
}

/** The blocks of the last message, with the digits of their numbers, and text without its directives. */
function mirrored(body: string): Record<string, unknown>[] {
  const blocks = listOf(fieldOf(listOf(fieldOf(parseExact(body), 'messages')).at(-1), 'content'))
  return blocks.filter(isObject).map((block) => {
    const text = textOf(block, 'text')
    return text === undefined ? block : { ...block, text: withoutDirectives(text) }
  })
}

/** The prompt's tokens, and a share of the requested output tokens, or of those of a normal answer. */
function sizedUsage({ parsed, body }: ModelCall, percent: number): Usage {
  if (parsed === undefined) return CONVERSE_USAGE
  const asked = readCallBody(parsed, body.length)
  const { maxTokens = CONVERSE_USAGE.outputTokens } = asked
  return { inputTokens: estimateInputTokens(asked), outputTokens: Math.round((maxTokens * percent) / 100) }
}

function scriptedConverse(name: string): Answer | undefined {
  switch (name) {
    case 'multi':
      return converseAnswer([{ text: 'one' }, { text: 'two' }])
    case 'reasoning':
      return converseAnswer([
        { reasoningContent: { reasoningText: { text: 'thinking', signature: 'c2ln' } } },
        { text: 'answer' },
      ])
    case 'exactnumbers':
      return converseAnswer(
        [{ toolUse: { toolUseId: 'tooluse_1', name: 'lookup', input: parseExact(NUMBERS) } }],
        'tool_use',
      )
    case 'tooluse':
      return converseAnswer(
        [{ text: 'calling' }, { toolUse: { toolUseId: 'tooluse_1', name: 'lookup', input: { q: 'x' } } }],
        'tool_use',
      )
    case 'emptycontent':
      return converseAnswer([])
    case 'maxtokens':
      return converseAnswer([{ text: 'cut of' }], 'max_tokens')
    case 'guardrail':
      return converseAnswer([{ text: 'blocked' }], 'guardrail_intervened')
    case 'unknownblock':
      return converseAnswer([{ futureContent: { data: 'x' } }, { text: 'known' }])
    case 'unicodeout':
      return converseAnswer([{ text: 'Grüße 你好 👩‍🚀 "q" \\ \n\t \u0000 \u2028 \ud800' }])
    case 'nooutput':
      return converseAnswer(undefined)
    default:
      return undefined
  }
}

const NUMBERS = '{"long":12345678901234567890,"trailing":1.10,"exp":1E+2,"negzero":-0.0}'
