// From the checked data of a job to the call that is sent, and its size. Pure.
import { answerSchema } from '../bedrock/answer-schema.ts'
import { type CallOptions, callOptions, OPTION_INPUTS, STOCK_OPTIONS } from '../bedrock/call-options.ts'
import { converseBody, systemBlocks } from '../bedrock/converse-body.ts'
import { converseFaults } from '../bedrock/converse-fields.ts'
import { InputFault } from '../bedrock/input-fault.ts'
import { inputFaults } from '../bedrock/input-faults.ts'
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
import { APPLY_GUARDRAIL, type BedrockRequest, GUARDRAIL_CHECKS } from './bedrock-request.ts'
import type { ConverseData, InvokeModelData, ModelFreeData, RequestData } from './bind-data.ts'
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
    const faults = isStock(own) ? [] : converseFaults(body)
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

function invokeModel({ modelId, payload, own }: InvokeModelData): BoundCall {
  const body = throughJava(payload)
  const headers = invokeHeaders(own.sent)
  const isJson = isJsonType(headers['content-type'])
  return withModel(modelId, (named) => ({
    ok: true,
    value: {
      action: 'invokeModel',
      modelId: named,
      body: isJson ? stringifyJson(body) : bytesOf(payload),
      headers,
      ...extrasOf(own),
    },
    // Measured on the tree while it exists; later the body would have to be parsed again.
    size: bodySize(body),
  }))
}

/** A body that is no JSON: a text is sent as it is. */
function bytesOf(payload: JsonValue): string {
  if (typeof payload === 'string') return payload
  throw new InputFault('payload: must be a text if contentType is not JSON')
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
        value: { action, modelId: GUARDRAIL_CHECKS, body: stringifyJson(body), options },
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
  if (!isJsonObject(input)) throw new InputFault('input: must be an object with converse or invokeModel')
  const { converse: messages, invokeModel: invoked } = input
  if (isJsonObject(messages) && messages['system'] !== undefined)
    return { ...input, converse: { ...messages, system: systemBlocks(messages['system']) } }
  const body = isJsonObject(invoked) ? invoked['body'] : undefined
  if (!isJsonObject(body)) return input
  return { ...input, invokeModel: { body: Buffer.from(stringifyJson(body)).toString('base64') } }
}

/** Texts among the content stand for blocks of text. */
function guardContent(content: JsonValue | undefined): JsonValue {
  if (content === undefined) throw new InputFault('content: must be a list of blocks, or a text')
  return (isJsonArray(content) ? content : [content]).map((block) =>
    typeof block === 'string' ? { text: { text: block } } : block,
  )
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

/**
 * The options of a task by its variables alone, for a job that ends without having been bound. Values that come from documents or functions
 * count as absent.
 */
export function optionsIn(variables: string): CallOptions {
  if (!OPTION_INPUTS.some((name) => variables.includes(`"${name}"`))) return STOCK_OPTIONS
  try {
    const root = parseJson(variables)
    const data = isJsonObject(root) ? root['data'] : null
    if (!isJsonObject(data)) return STOCK_OPTIONS
    const given = Object.entries(data).filter(
      ([name, value]) => OPTION_INPUTS.includes(name) && value !== null,
    )
    return callOptions(Object.fromEntries(given))
  } catch {
    return STOCK_OPTIONS
  }
}
