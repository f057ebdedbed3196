// An answer as it goes over the wire: status, headers and bytes. Pure.
import { randomUUID } from 'node:crypto'
import { type Answer, type ConverseAnswer, converseUsage, type InvokeAnswer } from './answers.ts'
import { isStream, type Operation } from './bedrock-call.ts'
import { type ErrorDetails, type ErrorName, errorAnswer } from './errors.ts'
import { converseEvents, type StreamEvent } from './stream/converse-events.ts'
import { invokeEvents } from './stream/invoke-events.ts'

/** A complete HTTP answer. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** An answer that goes out event by event. */
export interface WireStream {
  headers: Record<string, string>
  events: readonly StreamEvent[]
}

/** An answer of a model, in the form its operation asks for. */
export function wireAnswer(answer: Answer, operation: Operation, latencyMs: number): WireAnswer {
  // A proxy between the caller and Bedrock knows nothing of request ids.
  if (answer.kind === 'raw') return plain(answer.status, { 'content-type': answer.contentType }, answer.body)
  if (isStream(operation)) {
    const { headers, events } = wireStream(answer, latencyMs, false)
    return { status: 200, headers, body: Buffer.concat(events.map(({ frame }) => frame)) }
  }
  const headers = { 'x-amzn-RequestId': randomUUID(), 'content-type': 'application/json' }
  if (answer.kind === 'converse') return plain(200, headers, converseJson(answer, latencyMs))
  const all = { ...headers, ...tokenHeaders(answer, latencyMs), ...answer.headers }
  const { binary } = answer
  if (binary === undefined) return plain(200, all, answer.json)
  return { status: 200, headers: { ...all, 'content-type': binary.contentType }, body: binaryBody(binary) }
}

/** An answer of a model as a stream; `paced` cuts texts into tokens. */
export function wireStream(
  answer: ConverseAnswer | InvokeAnswer,
  latencyMs: number,
  paced: boolean,
): WireStream {
  const headers = { 'x-amzn-RequestId': randomUUID(), 'content-type': 'application/vnd.amazon.eventstream' }
  if (answer.kind === 'converse') return { headers, events: converseEvents(answer, latencyMs, paced) }
  return {
    headers: { ...headers, 'x-amzn-bedrock-content-type': 'application/json', ...answer.headers },
    events: invokeEvents(answer, latencyMs, paced),
  }
}

/** An error of Bedrock, with a request id of its own. `message` is in place of the usual one. */
export function wireError(error: ErrorName, { retryAfterSeconds, message }: ErrorDetails = {}): WireAnswer {
  const { status, headers, body } = errorAnswer(error, { retryAfterSeconds, message })
  return plain(status, { ...headers, 'x-amzn-RequestId': randomUUID() }, body)
}

function plain(status: number, headers: Record<string, string>, body: string): WireAnswer {
  return { status, headers, body: Buffer.from(body) }
}

function converseJson({ content, stopReason, usage, further }: ConverseAnswer, latencyMs: number): string {
  return JSON.stringify({
    ...(content && { output: { message: { role: 'assistant', content } } }),
    stopReason,
    usage: converseUsage(usage),
    metrics: { latencyMs },
    ...further,
  })
}

/** What the file formats begin with, then nothing but zeros. */
const MAGIC: Readonly<Record<string, string>> = {
  'image/png': '89504e470d0a1a0a0000000d49484452',
  'image/jpeg': 'ffd8ffe000104a464946',
  'audio/mpeg': '49443303000000000000',
  'audio/wav': '52494646',
}

function binaryBody({ contentType, bytes }: { contentType: string; bytes: number }): Buffer {
  const body = Buffer.alloc(bytes)
  body.write(MAGIC[contentType] ?? '', 'hex')
  return body
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
