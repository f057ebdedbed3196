// Turns what came of a stream into the answer that the operation's twin would have given, or into the failure of the call. Pure.
import { isEventStream, type StreamFrame } from '../aws/event-frames.ts'
import type { RuntimeAnswer } from '../aws/own-body.ts'
import { foldClaudeStream, generatedByClaude } from '../bedrock/fold-claude-stream.ts'
import { foldConverseStream, generatedLength, type StreamEvent } from '../bedrock/fold-converse-stream.ts'
import { foldNovaStream, novaEvents } from '../bedrock/fold-nova-stream.ts'
import { usageHeaders } from '../bedrock/invoke-chunks.ts'
import type { StreamForm } from '../bedrock/streaming.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'

type Outcome =
  | { readonly ok: true; readonly answer: RuntimeAnswer }
  | { readonly ok: false; readonly failure: CallFailure }

/**
 * HTTP status of the exceptions that streams have as events, by AWS's model of Bedrock's runtime
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html).
 */
const STATUS: Readonly<Record<string, number>> = {
  InternalServerException: 500,
  ModelStreamErrorException: 424,
  ModelTimeoutException: 408,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  ValidationException: 400,
}

/** An answer that is no event stream, such as the page of a proxy, stays as it is. */
export function streamedAnswer(
  form: StreamForm,
  whole: RuntimeAnswer,
  frames: readonly StreamFrame[],
): Outcome {
  if (!isEventStream(whole.headers)) return { ok: true, answer: whole }
  const events = eventsOf(frames)
  const requestId = whole.headers['x-amzn-requestid']
  const about = { ...(requestId === undefined ? {} : { requestId }), ...generatedIn(form, frames) }
  const error = frames.find(({ kind }) => kind === 'error')
  if (error !== undefined) {
    const failure = failureOf(error)
    // The model was at work, even if nothing of its answer came.
    const begun = failure.name === 'ModelStreamErrorException' ? { generated: generated(form, events) } : {}
    return { ok: false, failure: { ...failure, ...about, ...begun } }
  }
  const folded = FOLDS[form](events)
  if (folded === null) {
    const message = 'The stream of the answer ended before its last event'
    return {
      ok: false,
      failure: { name: 'StreamCut', message, status: whole.status, network: 'cut', ...about },
    }
  }
  const headers = {
    ...whole.headers,
    'content-type': 'application/json',
    ...(form === 'converse' ? {} : usageHeaders(events)),
  }
  return { ok: true, answer: { ...whole, headers, bytes: new TextEncoder().encode(stringifyJson(folded)) } }
}

const FOLDS: Readonly<Record<StreamForm, (events: readonly StreamEvent[]) => JsonObject | null>> = {
  converse: foldConverseStream,
  claude: foldClaudeStream,
  nova: foldNovaStream,
}

/** What a broken stream adds to its failure. Empty if no event came: nothing was generated then. */
export function generatedIn(
  form: StreamForm,
  frames: readonly StreamFrame[],
): Pick<CallFailure, 'generated'> {
  const events = eventsOf(frames)
  return events.length === 0 ? {} : { generated: generated(form, events) }
}

function generated(form: StreamForm, events: readonly StreamEvent[]): number {
  if (form === 'claude') return generatedByClaude(events)
  return generatedLength(form === 'nova' ? novaEvents(events) : events)
}

/** The events; a payload that is no JSON object counts as empty. */
function eventsOf(frames: readonly StreamFrame[]): StreamEvent[] {
  return frames
    .filter(({ kind }) => kind === 'event')
    .map(({ type, payload }) => ({ type, payload: objectOf(payload) }))
}

function failureOf({ type, payload }: StreamFrame): CallFailure {
  const name = type.charAt(0).toUpperCase() + type.slice(1)
  const { message = payload } = objectOf(payload)
  return { name, message: textOf(message), status: STATUS[name] ?? 500 }
}

function objectOf(text: string): JsonObject {
  try {
    const value = parseJson(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : ''
}
