// Models whose id says how they behave: `throttle-2` is throttled twice and then answers, `numbers` answers with
// numbers at the edges of JSON, `sized-50` states the tokens of the prompt and 50 % of the output tokens asked for.
// The part after an '@' in the id is ignored here, and gives a separate counter.
// Pure: the number of earlier calls is an argument.

import {
  type Answer,
  CONVERSE_USAGE,
  chatCompletion,
  converseAnswer,
  echoAnswer,
  INVOKE_USAGE,
  type Usage,
} from './answers.ts'
import { estimateInputTokens, isConverse, type Operation, readCallBody } from './bedrock-call.ts'
import { type ErrorName, isErrorName } from './errors.ts'

/** What a model does with one call. */
export type Behaviour =
  | { kind: 'error'; error: ErrorName; retryAfterSeconds?: number }
  | { kind: 'hang' }
  | { kind: 'reset' }
  /** `modelMs` stands in for the drawn latency. */
  | { kind: 'answer'; answer: Answer; modelMs?: number }

/** One call of a model. */
export interface ModelCall {
  operation: Operation
  /** The model id or ARN, with its `@` suffix if it has one. */
  model: string
  /** The request body. */
  body: string
  /** The last text of the last message. */
  lastText: string
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

/** How the model behaves on this call; a model id with no script answers normally. */
export function behaviourOf(call: ModelCall): Behaviour {
  const [name = ''] = call.model.split('@', 1)
  const [, base, number] = /^([a-z0-9]+)-(\d+)$/.exec(name) ?? []
  const trouble = troubleOf(base ?? name)
  // `throttle-2`: the trouble twice, then the normal answer.
  if (trouble !== undefined && call.earlierCalls < Number(number ?? Number.POSITIVE_INFINITY)) return trouble
  if (base === 'slow') return { kind: 'answer', answer: normalAnswer(name, call), modelMs: Number(number) }
  return { kind: 'answer', answer: scriptedAnswer(name, call) ?? normalAnswer(name, call) }
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

function normalAnswer(name: string, { operation, lastText }: ModelCall, usage?: Usage): Answer {
  return isConverse(operation)
    ? echoAnswer(lastText, usage ?? CONVERSE_USAGE)
    : chatCompletion(name, `Hello from ${name}`, usage ?? INVOKE_USAGE)
}

/** `sized-<percent>`, or `usage-<input>-<output>`, optionally followed by tokens read from and written to a prompt cache. */
function scriptedUsage(name: string, body: string): Usage | undefined {
  const [, percent] = /^sized-(\d+)$/.exec(name) ?? []
  if (percent !== undefined) return sizedUsage(body, Number(percent))
  const [, input, output, cacheRead, cacheWrite] = /^usage-(\d+)-(\d+)(?:-(\d+)-(\d+))?$/.exec(name) ?? []
  if (input === undefined) return undefined
  const usage = { inputTokens: Number(input), outputTokens: Number(output) }
  if (cacheRead === undefined) return usage
  return { ...usage, cacheReadInputTokens: Number(cacheRead), cacheWriteInputTokens: Number(cacheWrite) }
}

function scriptedAnswer(name: string, call: ModelCall): Answer | undefined {
  const usage = scriptedUsage(name, call.body)
  if (usage !== undefined) return normalAnswer(name, call, usage)
  const [, length] = /^large-(\d+)$/.exec(name) ?? []
  if (length !== undefined) {
    const text = 'x'.repeat(Number(length))
    return isConverse(call.operation) ? converseAnswer([{ text }]) : chatCompletion(name, text)
  }
  return isConverse(call.operation) ? scriptedConverse(name) : scriptedInvoke(name, call.body)
}

/** The prompt's tokens, and a share of the requested output tokens, or of those of a normal answer. */
function sizedUsage(body: string, percent: number): Usage {
  const asked = readCallBody(body)
  if (asked === undefined) return CONVERSE_USAGE
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

/** Literal JSON, by model id: what JSON.stringify could not write. */
const INVOKE_BODIES = new Map([
  ['rawstring', '"just text"'],
  ['rawarray', '[1,2,{"a":null}]'],
  [
    'numbers',
    '{"int":42,"safe":9007199254740991,"unsafe":9007199254740993,"long":9223372036854775807,"huge":123456789012345678901234567890,"float":0.1,"precise":0.1234567890123456789,"trailing":1.0,"exp":1e400,"small":1e-400,"big":1E+2,"negzero":-0.0}',
  ],
  ['bigint', '{"unsafe":9007199254740993,"long":9223372036854775807,"lowest":-9223372036854775808}'],
  ['hugeint', '{"huge":123456789012345678901234567890}'],
  ['inf', '{"exp":1e400}'],
  ['dup', '{"a":1,"a":2}'],
  ['deep', `${'['.repeat(300)}1${']'.repeat(300)}`],
  ['forbidden', '{"camunda.function.type":"bpmnError","code":"X"}'],
])

function scriptedInvoke(name: string, requestBody: string): Answer | undefined {
  const json = name === 'echo' ? requestBody : INVOKE_BODIES.get(name)
  return json === undefined ? undefined : { kind: 'invoke', json, usage: INVOKE_USAGE }
}
