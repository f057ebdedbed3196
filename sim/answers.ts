// The answers of models, as data; `wire-answer.ts` turns them into JSON text.
import { objectOf } from './json.ts'

/** Tokens of a call, as its answer states them. */
export interface Usage {
  inputTokens: number
  outputTokens: number
  /** Further input tokens: read from a prompt cache, and written to it. */
  cacheReadInputTokens?: number
  cacheWriteInputTokens?: number
  /** What was written, by lifetime: 1h before 5m. */
  cacheDetails?: readonly { ttl: string; inputTokens: number }[]
}

/** An answer of Converse: content blocks as they go out, a stop reason and the tokens used. */
export interface ConverseAnswer {
  kind: 'converse'
  /** `undefined` leaves the whole `output` out. */
  content: readonly Record<string, unknown>[] | undefined
  stopReason: string
  usage: Usage
  /** `trace`, `serviceTier`, `performanceConfig` and `additionalModelResponseFields`, where there are any. */
  further?: Readonly<Record<string, unknown>>
}

/** An answer of InvokeModel: literal JSON text, so that numbers no double can hold go out as written. */
export interface InvokeAnswer {
  kind: 'invoke'
  json: string
  usage: Usage
  /** In place of JSON: an image or a sound. */
  binary?: { contentType: string; bytes: number }
  /** Further headers: the tier and the latency that were used. */
  headers?: Readonly<Record<string, string>>
}

/** No answer of Bedrock: a proxy's page, nothing, a cut body. Has no request id. */
export interface RawAnswer {
  kind: 'raw'
  status: number
  contentType: string
  body: string
}

/** One answer of a model. */
export type Answer = ConverseAnswer | InvokeAnswer | RawAnswer

/** The usage every Converse answer states, whatever was asked. */
export const CONVERSE_USAGE: Usage = { inputTokens: 10, outputTokens: 5 }

/** The usage every InvokeModel answer states. */
export const INVOKE_USAGE: Usage = { inputTokens: 12, outputTokens: 4 }

const ECHOED_CHARACTERS = 200

/** The usage as Converse states it: with the sum of all tokens. */
export function converseUsage(usage: Usage): Usage & { totalTokens: number } {
  const { inputTokens, outputTokens, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = usage
  return { ...usage, totalTokens: inputTokens + outputTokens + cacheReadInputTokens + cacheWriteInputTokens }
}

/** An answer of Converse with the given blocks. */
export function converseAnswer(
  content: ConverseAnswer['content'],
  stopReason = 'end_turn',
  usage = CONVERSE_USAGE,
): ConverseAnswer {
  return { kind: 'converse', content, stopReason, usage }
}

/** `Echo: ` and the first 200 characters of the text. */
export function echoAnswer(text: string, usage = CONVERSE_USAGE): ConverseAnswer {
  return converseAnswer([{ text: `Echo: ${text.slice(0, ECHOED_CHARACTERS)}` }], 'end_turn', usage)
}

/** The chat completion that a Jamba model gives, with the text as its content. */
export function chatCompletion(model: string, text: string, usage = INVOKE_USAGE): InvokeAnswer {
  const { inputTokens, outputTokens } = usage
  const message = { role: 'assistant', content: text, tool_calls: null }
  const completion = {
    id: 'chatcmpl-1',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
    meta: { requestDurationMillis: 7 },
    model,
  }
  return { kind: 'invoke', json: JSON.stringify(completion), usage }
}

/** The message that Claude gives to InvokeModel, with the blocks of a Converse answer. */
export function claudeMessage(
  model: string,
  { content = [], stopReason }: ConverseAnswer,
  usage = INVOKE_USAGE,
): InvokeAnswer {
  const message = {
    id: 'msg_bdrk_1',
    type: 'message',
    role: 'assistant',
    model,
    content: content.map(claudeBlock),
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
  }
  return { kind: 'invoke', json: JSON.stringify(message), usage }
}

function claudeBlock(block: Readonly<Record<string, unknown>>): unknown {
  if (typeof block['text'] === 'string') return { type: 'text', text: block['text'] }
  const { toolUseId, name, input } = objectOf(block['toolUse'])
  return toolUseId === undefined ? block : { type: 'tool_use', id: toolUseId, name, input }
}
