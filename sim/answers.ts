// The answers of models, as data; `wire-answer.ts` turns them into JSON text.

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
