// Sends a bound request once, and turns the answer into the connector's response.
import type { BedrockClients } from '../aws/bedrock-clients.ts'
import { type CallLimits, callBedrock, type RuntimeResult, type Target } from '../aws/call-bedrock.ts'
import type { RuntimeAnswer } from '../aws/own-body.ts'
import { answerDetails, type CallFacts, converseDetails, invokeDetails } from '../bedrock/answer-details.ts'
import { messageOf } from '../bedrock/answer-message.ts'
import { isJsonType } from '../bedrock/invoke-headers.ts'
import { type StreamForm, streamForm } from '../bedrock/streaming.ts'
import { usageOfConverse, usageOfHeaders } from '../bedrock/usage.ts'
import { type AnswerFile, SET_ANSWER_DOCUMENT } from '../connector/answer-documents.ts'
import type { BedrockRequest, InvokeModelCall } from '../connector/bedrock-request.ts'
import type { ConnectorError } from '../connector/connector-error.ts'
import { converseResponse } from '../connector/converse-result.ts'
import { converseShapeFault } from '../connector/converse-shape.ts'
import { type ConnectorResponse, invokeResponse } from '../connector/invoke-result.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../job/json.ts'
import { isModelFree } from '../job/lane.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { generatedIn, streamedAnswer } from './streamed-answer.ts'

/** The result of a call: a response, an answer that the connector rejects, or a failure. */
export type CallAnswer =
  | {
      readonly kind: 'response'
      readonly response: JsonValue
      readonly usage: TokenUsage
      /** The answer's message, if the task sets a schema for it. */
      readonly message?: JsonObject
      /** An answer that is not JSON, and becomes a document. */
      readonly file?: AnswerFile
      /** Of a stream: time to its first bytes, and from there to its last, ms. */
      readonly stream?: { readonly firstMs: number; readonly restMs: number }
      /** Bytes of the answer. */
      readonly bytes?: number
      /** Why the model stopped; absent where the answer does not say. */
      readonly stopReason?: string
    }
  | { readonly kind: 'unusable'; readonly error: ConnectorError; readonly usage: TokenUsage }
  | { readonly kind: 'failure'; readonly failure: CallFailure }

/** Sends a request once. */
export type CallBedrock = (request: BedrockRequest, limits: CallLimits) => Promise<CallAnswer>

type Call = BedrockRequest['call']

type Cost = (model: string, usage: TokenUsage) => number | null

/**
 * @param cost - US dollars at list price; null for a model without a price.
 * @param stallMs - longest time without a byte in the middle of a stream, ms.
 */
export function makeBedrockCaller(
  clients: BedrockClients,
  cost: Cost = () => null,
  stallMs = 120_000,
): CallBedrock {
  /** Clients whose credentials lack the permission for streams. */
  const unstreamed = new WeakSet<object>()
  return async (request, limits) => {
    const { region, credentials, endpoint, call } = request
    const client = clients.get(region, credentials, endpoint)
    const headers = call.action === 'invokeModel' ? call.headers : {}
    const sent = { target: targetOf(call), body: call.body, headers }
    const { streaming } = call.options
    const form = streamForm(call, streaming)
    if (form !== null && (streaming === true || !unstreamed.has(client))) {
      const result = await callBedrock(client, { ...sent, stream: { stallMs } }, limits)
      if (streaming === true || !mayNotStream(result)) return readStream(request, form, result, cost)
      // AWS refused it, so it was not executed. Only the task or the lanes file can insist on streams.
      unstreamed.add(client)
    }
    const result = await callBedrock(client, sent, limits)
    if (!result.ok) return { kind: 'failure', failure: result.failure }
    return readWhole(request, result.answer, cost)
  }
}

/** A policy that allows InvokeModel alone was enough before; streams need an action of their own. */
function mayNotStream(result: RuntimeResult): boolean {
  if (result.ok) return false
  const { status, message } = result.failure
  return status === 403 && message.includes('InvokeModelWithResponseStream')
}

function readStream(
  request: BedrockRequest,
  form: StreamForm,
  result: RuntimeResult,
  cost: Cost,
): CallAnswer {
  const { stream } = result
  const frames = stream?.frames ?? []
  if (!result.ok) return { kind: 'failure', failure: { ...result.failure, ...generatedIn(form, frames) } }
  const folded = streamedAnswer(form, result.answer, frames)
  if (!folded.ok) return { kind: 'failure', failure: folded.failure }
  const answer = readWhole(request, folded.answer, cost)
  if (answer.kind !== 'response' || !stream) return answer
  return { ...answer, stream: { firstMs: stream.firstMs, restMs: stream.restMs } }
}

function readWhole(request: BedrockRequest, whole: RuntimeAnswer, cost: Cost): CallAnswer {
  const answer = readAnswer(request, whole, cost)
  return answer.kind === 'response' ? { ...answer, bytes: whole.bytes.length } : answer
}

function targetOf(call: Call): Target {
  switch (call.action) {
    case 'applyGuardrail': {
      const { guardrailIdentifier, guardrailVersion } = call
      return { operation: call.action, guardrailIdentifier, guardrailVersion }
    }
    case 'invokeGuardrailChecks':
      return { operation: call.action }
    default:
      return { operation: call.action, modelId: call.modelId }
  }
}

function readAnswer(
  { call, region }: BedrockRequest,
  { status, headers, bytes }: RuntimeAnswer,
  cost: Cost,
): CallAnswer {
  const requestId = headers['x-amzn-requestid'] ?? null
  const factsOf = (usage: TokenUsage): CallFacts => ({
    region,
    model: isModelFree({ model: call.modelId }) ? null : call.modelId,
    requestId,
    cost: usage === NO_USAGE ? null : cost(call.modelId, usage),
  })
  if (call.action === 'invokeModel') {
    const usage = usageOfHeaders(headers)
    const made = invokeAnswer(call, headers, bytes)
    if (!made.ok) return answerOf(made, usage)
    const { response } = made
    const shown = call.options.resultDetails ? invokeDetails(response, headers, factsOf(usage)) : response
    return answerOf({ ...made, response: shown }, usage, stopReasonOf(response))
  }
  const text = textOf(bytes)
  const read = readObject(text)
  if (!read.ok) {
    const about = requestId === null ? {} : { requestId }
    const failure = { name: 'SyntaxError', message: read.message, status, unreadable: true, body: text }
    return { kind: 'failure', failure: { ...failure, ...about } }
  }
  const { answer } = read
  if (call.action !== 'converse') {
    const response = call.options.resultDetails ? answerDetails(answer, factsOf(NO_USAGE)) : answer
    const intervened = call.action === 'applyGuardrail' && answer['action'] === 'GUARDRAIL_INTERVENED'
    return answerOf({ ok: true, response }, NO_USAGE, intervened ? GUARDRAIL : undefined)
  }
  const usage = usageOfConverse(answer['usage'])
  const made = converseResponse(call, answer)
  const response = call.options.resultDetails
    ? { ok: true as const, response: converseDetails(call.messages, answer, factsOf(usage)) }
    : made
  const { stopReason } = answer
  const message = call.schema === undefined ? null : messageOf(answer)
  const checked = message === null ? {} : { message }
  const ended = answerOf(
    made.ok ? response : made,
    usage,
    typeof stopReason === 'string' ? stopReason : undefined,
  )
  return ended.kind === 'response' ? { ...ended, ...checked } : ended
}

const GUARDRAIL = 'guardrail_intervened'

/** InvokeModel's answer: JSON, or any file. A file without a request id is not Bedrock's: proxies send pages. */
function invokeAnswer(
  { options }: InvokeModelCall,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): ConnectorResponse {
  const contentType = headers['content-type']
  const isFile = !isJsonType(contentType) && headers['x-amzn-requestid'] !== undefined
  if (isFile && options.answerDocument !== 'never')
    return { ok: true, response: { body: null }, file: { bytes, contentType: contentType ?? '' } }
  const made = invokeResponse(textOf(bytes))
  if (made.ok || !isFile) return made
  const message = `${made.error.message}. The answer is ${contentType}, not JSON. ${SET_ANSWER_DOCUMENT}`
  return { ok: false, error: { ...made.error, message } }
}

/** Why the model stopped, in the words of Converse: of Claude and Nova, and of all models with a guardrail. */
function stopReasonOf(response: JsonValue): string | undefined {
  const body = isJsonObject(response) ? response['body'] : null
  if (!isJsonObject(body)) return undefined
  if (body['amazon-bedrock-guardrailAction'] === 'INTERVENED') return GUARDRAIL
  const reason = body['stop_reason'] ?? body['stopReason']
  return typeof reason === 'string' ? reason : undefined
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function answerOf(made: ConnectorResponse, usage: TokenUsage, stopReason?: string): CallAnswer {
  if (!made.ok) return { kind: 'unusable', error: made.error, usage }
  return {
    kind: 'response',
    response: made.response,
    usage,
    ...(made.file === undefined ? {} : { file: made.file }),
    ...(stopReason === undefined ? {} : { stopReason }),
  }
}

type Read =
  | { readonly ok: true; readonly answer: JsonObject }
  | { readonly ok: false; readonly message: string }

/** An answer without text is one without fields, as for the AWS SDK. The message never holds anything of the answer. */
function readObject(text: string): Read {
  try {
    const answer = text === '' ? {} : parseJson(text)
    if (converseShapeFault(answer) === null && isJsonObject(answer)) return { ok: true, answer }
    return { ok: false, message: 'The answer does not have the shape of Converse' }
  } catch {
    return { ok: false, message: 'The answer is no JSON' }
  }
}
