// The two calls. Sends once and returns what came back; never retries, never throws for AWS's errors.
import {
  type BedrockRuntimeClient,
  type ContentBlock,
  type ConversationRole,
  ConverseCommand,
  InvokeModelCommand,
  type Message,
} from '@aws-sdk/client-bedrock-runtime'
import type { CallFailure } from '../job/call-failure.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { describeFailure } from './call-failure.ts'
import { type CallWatch, WATCH_CALL, watchCall } from './watch-call.ts'

export type CallResult<Answer> =
  | { readonly ok: true; readonly answer: Answer; readonly usage: TokenUsage }
  | { readonly ok: false; readonly failure: CallFailure }

export interface CallLimits {
  /** The call ends with a failure after this, ms. */
  readonly timeoutMs: number
  /** Ends the call at once; the result is then a failure named `AbortError`. */
  readonly signal: AbortSignal
}

/** The assistant's message of a Converse answer; undefined if the answer has no output. */
export type ConverseAnswer =
  | { readonly role: string | undefined; readonly content: readonly ContentBlock[] }
  | undefined

/** A block of a message, in the SDK's shape. */
export type ConverseBlock = ContentBlock

/** A message to Converse, with its blocks as they are sent. */
export interface ConverseMessage {
  readonly role: string | null
  readonly content: readonly ConverseBlock[]
}

/** The input of a Converse call. `null` leaves a parameter out. */
export interface ConverseInput {
  readonly modelId: string
  readonly messages: readonly ConverseMessage[]
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
}

/** POST /model/{modelId}/converse (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). */
export function converse(
  client: BedrockRuntimeClient,
  input: ConverseInput,
  limits: CallLimits & {
    /**
     * Judges the text of an answer; one without Converse's shape is a failure. Only called when the SDK's result does not prove the shape.
     */
    readonly isAnswer: (text: string) => boolean
  },
): Promise<CallResult<ConverseAnswer>> {
  const { maxTokens, temperature, topP } = input
  const command = new ConverseCommand({
    modelId: input.modelId,
    messages: input.messages.map(asMessage),
    inferenceConfig: {
      ...(maxTokens === null ? {} : { maxTokens }),
      ...(temperature === null ? {} : { temperature }),
      ...(topP === null ? {} : { topP }),
    },
  })
  // The SDK does not return the text of an answer that it could not parse.
  let body: Uint8Array | undefined
  const text = () => (body === undefined ? undefined : Buffer.from(body).toString('utf8'))
  return guarded({ ...limits, text }, async (abortSignal, handed) => {
    const seen: CallWatch['seen'] = (_headers, bytes) => {
      body = bytes
    }
    command.middlewareStack.add(watchCall({ handed, seen }), WATCH_CALL)
    const { output, usage, $metadata } = await client.send(command, { abortSignal })
    const message = output?.message ?? undefined
    if (!hasShape(message?.content)) {
      const read = text()
      if (read !== undefined && !limits.isAnswer(read))
        throw Object.assign(new SyntaxError('The answer does not have the shape of Converse'), { $metadata })
    }
    return {
      answer: message === undefined ? undefined : { role: message.role, content: message.content ?? [] },
      usage: {
        input: usage?.inputTokens ?? 0,
        output: usage?.outputTokens ?? 0,
        cacheRead: usage?.cacheReadInputTokens ?? 0,
        cacheWrite: usage?.cacheWriteInputTokens ?? 0,
      },
    }
  })
}

/**
 * Whether the SDK's result proves the shape of the answer. The SDK picks known fields from any object or list, and passes other values
 * through, so only a list of objects with known fields is a proof.
 */
function hasShape(content: unknown): boolean {
  return Array.isArray(content) && content.every(hasKnownField)
}

function hasKnownField(block: unknown): boolean {
  return isObject(block) && Object.keys(block).some((name) => name !== '$unknown')
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** POST /model/{modelId}/invoke. `body` is sent as it is; the answer is the text of the response body. */
export function invokeModel(
  client: BedrockRuntimeClient,
  input: { readonly modelId: string; readonly body: string },
  limits: CallLimits,
): Promise<CallResult<string>> {
  const command = new InvokeModelCommand({
    modelId: input.modelId,
    body: input.body,
    contentType: 'application/json',
    accept: 'application/json',
  })
  let usage = NO_USAGE
  return guarded(limits, async (abortSignal, handed) => {
    const seen: CallWatch['seen'] = (headers) => {
      usage = usageOf(headers)
    }
    command.middlewareStack.add(watchCall({ handed, seen }), WATCH_CALL)
    const { body } = await client.send(command, { abortSignal })
    return { answer: body?.transformToString('utf8') ?? '', usage }
  })
}

/**
 * Token counts from InvokeModel's headers. The body has them too, but differently for each model family. The API reference does not list
 * these headers; AWS's own samples read them.
 */
function usageOf(headers: Readonly<Record<string, string>>): TokenUsage {
  const count = (name: string): number => {
    const tokens = Number(headers[`x-amzn-bedrock-${name}-token-count`] ?? 0)
    return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0
  }
  return {
    input: count('input'),
    output: count('output'),
    cacheRead: count('cache-read-input'),
    cacheWrite: count('cache-write-input'),
  }
}

function asMessage({ role, content }: ConverseMessage): Message {
  // Bedrock judges the role, as for the stock connector: it is sent as the diagram gave it.
  return { role: (role ?? undefined) as ConversationRole | undefined, content: [...content] }
}

/**
 * Signing takes milliseconds, or seconds if credentials are fetched. After this long the process may have stood still, and BullMQ may have
 * given the job to another worker: it does so after 30 s.
 */
const LONGEST_TO_SIGN_MS = 15_000

/** Nothing was sent, so the call costs its job nothing. */
function stoodStill(): Error {
  const message =
    'The call was not sent: its request took more than 15 s to be signed. The process stood still, or finding its AWS credentials takes too long.'
  return Object.assign(new Error(message), { unprocessed: true })
}

async function guarded<Answer>(
  limits: CallLimits & { readonly text?: () => string | undefined },
  send: (signal: AbortSignal, handed: () => void) => Promise<{ answer: Answer; usage: TokenUsage }>,
): Promise<CallResult<Answer>> {
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const begunAt = performance.now()
  let wasHanded = false
  const handed = () => {
    wasHanded = true
    if (performance.now() - begunAt > LONGEST_TO_SIGN_MS) throw stoodStill()
  }
  try {
    return { ok: true, ...(await send(AbortSignal.any([limits.signal, timeout]), handed)) }
  } catch (error) {
    const failure = describeFailure(error, wasHanded)
    if (limits.signal.aborted) return { ok: false, failure: { ...failure, name: 'AbortError' } }
    if (timeout.aborted) {
      // Not an `AbortError`: a job whose process stops is requeued, and would be sent and paid again.
      return { ok: false, failure: { ...failure, name: 'TimeoutError', timedOutAfterMs: limits.timeoutMs } }
    }
    // Only our own abort may have this name, because nothing is decided about such a job.
    if (failure.name === 'AbortError') return { ok: false, failure: { ...failure, name: 'Error' } }
    const body = limits.text?.()
    return { ok: false, failure: failure.unreadable && body !== undefined ? { ...failure, body } : failure }
  }
}
