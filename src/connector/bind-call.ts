// From the checked data of a job to the call that is sent, and its size. Pure.
import { answerSchema } from '../bedrock/answer-schema.ts'
import { type CallOptions, callOptions, OPTION_INPUTS, STOCK_OPTIONS } from '../bedrock/call-options.ts'
import { checkBlocks, contentItems, messagesWithBlocks } from '../bedrock/content-block.ts'
import { converseBody, requestFieldsOf, systemBlocks } from '../bedrock/converse-body.ts'
import { converseFaults } from '../bedrock/converse-fields.ts'
import { ACTIONS } from '../bedrock/input.ts'
import { InputFault } from '../bedrock/input-fault.ts'
import { inputFaults } from '../bedrock/input-faults.ts'
import { ownInputs } from '../bedrock/inputs.ts'
import { invokeHeaders, isJsonType } from '../bedrock/invoke-headers.ts'
import { metadataFaults } from '../bedrock/request-metadata.ts'
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberText,
  parseJson,
  stringifyJson,
} from '../job/json.ts'
import { APPLY_GUARDRAIL, GUARDRAIL_CHECKS } from '../job/lane.ts'
import type { BedrockRequest } from './bedrock-request.ts'
import type { ConverseData, InvokeModelData, ModelFreeData, PayloadFile, RequestData } from './bind-data.ts'
import { bodySize, type CallSize, converseSize } from './call-size.ts'
import { type ConnectorError, inputError, javaError, SDK_CLIENT } from './connector-error.ts'
import { type BlockParts, converseMessages } from './converse-messages.ts'
import { throughJava } from './java-number.ts'
import type { OwnInputs } from './own-inputs.ts'

export type BoundCall =
  | { readonly ok: true; readonly value: BedrockRequest['call']; readonly size: CallSize }
  | { readonly ok: false; readonly error: ConnectorError }

/** @throws NestingError for a payload that is nested too deeply. */
export function bindCall(data: RequestData, parts: BlockParts): BoundCall {
  try {
    const faults = inputFaults(data.action, data.own.sent)
    return faults.length > 0 ? refused(faults) : boundCall(data, parts)
  } catch (error) {
    if (error instanceof InputFault) return refused([error.message])
    throw error
  }
}

function boundCall(data: RequestData, parts: BlockParts): BoundCall {
  switch (data.action) {
    case 'converse':
      return converse(data, parts)
    case 'invokeModel':
      return invokeModel(data)
    default:
      return modelFree(data)
  }
}

function converse(data: ConverseData, parts: BlockParts): BoundCall {
  const { maxTokens, temperature, topP, own } = data
  const made = converseMessages(data, parts)
  if (!made.ok) return made
  const { prompt, messages } = made.value
  return withModel(data.modelId, (modelId) => {
    const schema = answerSchema(own.sent, modelId)
    const told = { modelId, messages: prompt, maxTokens, temperature, topP }
    const body = converseBody({ ...told, own: own.sent, schema })
    const faults = isStock(own) ? [] : converseFaults(body, requestFieldsOf(own.sent))
    if (faults.length > 0) return refused(faults)
    return {
      ok: true,
      value: {
        action: 'converse',
        modelId,
        body: stringifyJson(body),
        messages,
        ...extrasOf(own),
        ...(schema === null ? {} : { schema }),
      },
      size: converseSize(body, maxTokens),
    }
  })
}

function invokeModel({ modelId, payload, file, own }: InvokeModelData): BoundCall {
  const headers = invokeHeaders(own.sent, file?.contentType)
  const type = headers['content-type'] ?? ''
  const { body, size } =
    file !== null ? fileBody(file) : isJsonType(type) ? jsonBody(payload) : textBody(payload)
  return withModel(modelId, (named) => ({
    ok: true,
    value: { action: 'invokeModel', modelId: named, body, headers, ...extrasOf(own) },
    size,
  }))
}

interface SizedBody {
  readonly body: string | Uint8Array
  readonly size: CallSize
}

function jsonBody(payload: JsonValue): SizedBody {
  const body = throughJava(payload)
  // Measured on the tree while it exists; later the body would have to be parsed again.
  return { body: stringifyJson(body), size: bodySize(body) }
}

function textBody(payload: JsonValue): SizedBody {
  if (typeof payload === 'string') return { body: payload, size: bodySize(payload) }
  throw new InputFault('payload: must be a text or a document if contentType is not JSON')
}

function fileBody({ base64, contentType }: PayloadFile): SizedBody {
  const body = Buffer.from(base64, 'base64')
  const isImage = contentType.startsWith('image/')
  const ofBody = { characters: 0, images: isImage ? 1 : 0, documentBytes: isImage ? 0 : body.length }
  return { body, size: { ...ofBody, maxTokens: null } }
}

function modelFree({ action, modelId, own }: ModelFreeData): BoundCall {
  const body = withoutOptions(own.sent)
  const options = optionsOf(own)
  const size: CallSize = { characters: 0, images: 0, documentBytes: 0, maxTokens: 0 }
  switch (action) {
    case 'countTokens':
      return withModel(modelId, (named) => ({
        ok: true,
        value: { action, modelId: named, body: stringifyJson({ input: countInput(body['input']) }), options },
        size,
      }))
    case 'applyGuardrail': {
      const { guardrailIdentifier, guardrailVersion, ...rest } = body
      return {
        ok: true,
        value: {
          action,
          modelId: APPLY_GUARDRAIL,
          guardrailIdentifier: requiredText('guardrailIdentifier', guardrailIdentifier),
          guardrailVersion: requiredText('guardrailVersion', guardrailVersion),
          body: stringifyJson({ source: 'INPUT', ...rest, content: guardContent(rest['content']) }),
          options,
        },
        size,
      }
    }
    case 'invokeGuardrailChecks':
      return {
        ok: true,
        value: { action, modelId: GUARDRAIL_CHECKS, body: stringifyJson(checksBody(body)), options },
        size,
      }
  }
}

/** The inputs that are fields of the request. */
function withoutOptions(own: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !OPTION_INPUTS.includes(name)))
}

/** Short forms, as Converse's inputs have them, and the body of InvokeModel as JSON in place of its bytes. */
function countInput(input: JsonValue | undefined): JsonValue {
  const { converse: asked, invokeModel: invoked, ...others } = isJsonObject(input) ? given(input) : {}
  const messages = isJsonObject(asked) ? given(asked) : {}
  const hasMessages = Object.keys(messages).length > 0
  const body = isJsonObject(invoked) ? (given(invoked)['body'] ?? null) : null
  if (hasMessages === (body !== null))
    throw new InputFault('input: must have either converse, with messages, or invokeModel, with a body')
  if (body !== null) {
    const text = typeof body === 'string' ? body : stringifyJson(body)
    return {
      ...others,
      invokeModel: { body: isBase64Json(text) ? text : Buffer.from(text).toString('base64') },
    }
  }
  const { system, messages: list } = messages
  return {
    ...others,
    converse: {
      ...messages,
      ...(isJsonArray(list) ? { messages: messagesWithBlocks('input.converse.messages', list) } : {}),
      ...(system === undefined ? {} : { system: systemBlocks(system) }),
    },
  }
}

/** Without what a template's empty fields leave. */
function given(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null && item !== ''))
}

/** Bedrock's own form of a body. */
function isBase64Json(text: string): boolean {
  return /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text) && /^\s*[{[]/.test(Buffer.from(text, 'base64').toString())
}

function checksBody(body: JsonObject): JsonObject {
  const { messages, checks } = body
  if (!isJsonArray(messages) || messages.length === 0)
    throw new InputFault('messages: must be a list of one or more messages')
  if (!isJsonObject(checks)) throw new InputFault('checks: must be an object of the checks to make')
  // A check without anything to look for is not made.
  const asked = Object.entries(checks).filter(([, check]) => check !== null && !looksForNothing(check))
  if (asked.length === 0) throw new InputFault('checks: must have one or more checks')
  return { ...body, messages: messagesWithBlocks('messages', messages), checks: Object.fromEntries(asked) }
}

/** The fields of a template leave empty lists. */
function looksForNothing(check: JsonValue): boolean {
  return (
    isJsonObject(check) &&
    Object.values(check).every(
      (list) => list === null || list === '' || (isJsonArray(list) && list.length === 0),
    )
  )
}

/** Texts among the content stand for blocks of text. */
function guardContent(content: JsonValue | undefined): JsonValue {
  if (content === undefined) throw new InputFault('content: must be a list of blocks, or a text')
  const blocks = contentItems(content).map((block) =>
    typeof block === 'string' ? { text: { text: block } } : block,
  )
  checkBlocks('content', blocks, false)
  return blocks
}

function requiredText(name: string, value: JsonValue | undefined): string {
  if (typeof value === 'string') return value
  const number = numberText(value ?? null)
  if (number !== null) return number
  throw new InputFault(`${name}: must be a text`)
}

/** Whether the task sets nothing that the stock connector has not. */
function isStock({ given }: OwnInputs): boolean {
  return Object.keys(given).length === 0
}

function optionsOf(own: OwnInputs) {
  return isStock(own) ? STOCK_OPTIONS : callOptions(own.sent)
}

/** @throws InputFault */
function extrasOf(own: OwnInputs): { readonly options: CallOptions; readonly metadata?: JsonObject } {
  if (isStock(own)) return { options: STOCK_OPTIONS }
  const { requestMetadata = {} } = own.sent
  const faults = metadataFaults(requestMetadata)
  if (faults.length > 0 || !isJsonObject(requestMetadata)) throw new InputFault(faults.join('; data.'))
  return { options: callOptions(own.sent), metadata: requestMetadata }
}

function refused(faults: readonly string[]): { readonly ok: false; readonly error: ConnectorError } {
  return { ok: false, error: inputError(`Nothing was sent to Bedrock: data.${faults.join('; data.')}`) }
}

function withModel(modelId: string | null, call: (modelId: string) => BoundCall): BoundCall {
  if (modelId !== null && modelId !== '') return call(modelId)
  const message = 'Unable to marshall request to JSON: modelId cannot be empty.'
  return { ok: false, error: javaError(SDK_CLIENT, message) }
}

/** The variables that {@link optionsIn} reads. */
export function optionVariables(variables: string): string {
  if (!OPTION_INPUTS.some((name) => variables.includes(`"${name}"`))) return '{}'
  const root = parseJson(variables)
  const { action = null, data = null } = isJsonObject(root) ? root : {}
  const options = isJsonObject(data)
    ? Object.fromEntries(Object.entries(data).filter(([name]) => OPTION_INPUTS.includes(name)))
    : null
  return stringifyJson({ action, data: options })
}

/**
 * The options of a task by its variables alone, for a job that ends without having been bound. Values that come from documents or functions
 * count as absent.
 */
export function optionsIn(variables: string): CallOptions {
  if (!OPTION_INPUTS.some((name) => variables.includes(`"${name}"`))) return STOCK_OPTIONS
  try {
    const root = parseJson(variables)
    const { action = null, data = null } = isJsonObject(root) ? root : {}
    const known = ACTIONS.find((name) => name === action)
    if (!isJsonObject(data) || known === undefined) return STOCK_OPTIONS
    const own = ownInputs(known)
    const set = Object.entries(data).filter(
      ([name, value]) => OPTION_INPUTS.includes(name) && own.has(name) && value !== null,
    )
    return callOptions(Object.fromEntries(set))
  } catch {
    return STOCK_OPTIONS
  }
}
