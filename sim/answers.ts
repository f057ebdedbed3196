// The answers of models, as data; `wire-answer.ts` turns them into JSON text.

/** Tokens of a call, as its answer states them. */
export interface Usage {
  inputTokens: number
  outputTokens: number
  /** Further input tokens: read from a prompt cache, and written to it. */
  cacheReadInputTokens?: number
  cacheWriteInputTokens?: number
}

/** An answer of Converse: content blocks as they go out, a stop reason and the tokens used. */
export interface ConverseAnswer {
  kind: 'converse'
  /** `undefined` leaves the whole `output` out. */
  content: readonly Record<string, unknown>[] | undefined
  stopReason: string
  usage: Usage
}

/** An answer of InvokeModel: literal JSON text, so that numbers no double can hold go out as written. */
export interface InvokeAnswer {
  kind: 'invoke'
  json: string
  usage: Usage
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
