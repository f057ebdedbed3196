// An answer as it goes over the wire: status, headers and bytes. Pure.
import { randomUUID } from 'node:crypto'
import type { Answer, ConverseAnswer, InvokeAnswer } from './answers.ts'
import { isStream, type Operation } from './bedrock-call.ts'
import { type ErrorName, errorAnswer } from './errors.ts'
import { converseEvents, invokeEvents } from './event-stream.ts'

/** A complete HTTP answer. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** An answer of a model, in the form its operation asks for. */
export function wireAnswer(answer: Answer, operation: Operation, latencyMs: number): WireAnswer {
  // A proxy between the caller and Bedrock knows nothing of request ids.
  if (answer.kind === 'raw') return plain(answer.status, { 'content-type': answer.contentType }, answer.body)
  const headers: Record<string, string> = { 'x-amzn-RequestId': randomUUID() }
  if (isStream(operation)) {
    const events = answer.kind === 'converse' ? converseEvents(answer, latencyMs) : invokeEvents(answer)
    headers['content-type'] = 'application/vnd.amazon.eventstream'
    if (answer.kind === 'invoke') headers['x-amzn-bedrock-content-type'] = 'application/json'
    return { status: 200, headers, body: Buffer.concat(events) }
  }
  headers['content-type'] = 'application/json'
  if (answer.kind === 'converse') return plain(200, headers, converseJson(answer, latencyMs))
  Object.assign(headers, tokenHeaders(answer, latencyMs))
  return plain(200, headers, answer.json)
}

/** An error of Bedrock, with a request id of its own. */
export function wireError(error: ErrorName, retryAfterSeconds?: number): WireAnswer {
  const { status, headers, body } = errorAnswer(error, retryAfterSeconds)
  return plain(status, { ...headers, 'x-amzn-RequestId': randomUUID() }, body)
}

function plain(status: number, headers: Record<string, string>, body: string): WireAnswer {
  return { status, headers, body: Buffer.from(body) }
}

function converseJson({ content, stopReason, usage }: ConverseAnswer, latencyMs: number): string {
  const { inputTokens, outputTokens, cacheReadInputTokens = 0, cacheWriteInputTokens = 0 } = usage
  const totalTokens = inputTokens + outputTokens + cacheReadInputTokens + cacheWriteInputTokens
  return JSON.stringify({
    ...(content && { output: { message: { role: 'assistant', content } } }),
    stopReason,
    usage: { ...usage, totalTokens },
    metrics: { latencyMs },
  })
}

function tokenHeaders({ usage }: InvokeAnswer, latencyMs: number): Record<string, string> {
  return {
    'x-amzn-bedrock-input-token-count': String(usage.inputTokens),
    'x-amzn-bedrock-output-token-count': String(usage.outputTokens),
    'x-amzn-bedrock-cache-read-input-token-count': String(usage.cacheReadInputTokens ?? 0),
    'x-amzn-bedrock-cache-write-input-token-count': String(usage.cacheWriteInputTokens ?? 0),
    'x-amzn-bedrock-invocation-latency': String(latencyMs),
  }
}
