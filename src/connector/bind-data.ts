// Binds the input `data` for its action, in the order in which Jackson meets the properties: the user sees the error of the first that
// cannot be bound. Throws only BindingError.

import { contentItems } from '../bedrock/content-block.ts'
import { isJsonType } from '../bedrock/invoke-headers.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import type { ModelFreeCall } from './bedrock-request.ts'
import { type BeanType, bindBean, bindList } from './bind-bean.ts'
import type { DocumentBinding } from './bind-scalar.ts'
import { bindFloat, bindInteger, bindString, type Place } from './bind-scalar.ts'
import { mismatch } from './binding-error.ts'
import { contentTypeOf } from './documents/document-facts.ts'
import { type DocumentReference, isDocumentReference } from './documents/document-reference.ts'
import { withRescuedDocuments } from './documents/rescue-documents.ts'
import { throughJava } from './java-number.ts'
import {
  bindBlock,
  bindBlocks,
  bindOwnInputs,
  isOwnBlock,
  type OwnBlock,
  type OwnInputs,
  within,
} from './own-inputs.ts'

/** Input `data` of action invokeModel. */
export interface InvokeModelData {
  readonly action: 'invokeModel'
  readonly modelId: string | null
  /** As it is sent. */
  readonly payload: JsonValue
  /** A document that is sent in place of JSON; null for none. */
  readonly file: PayloadFile | null
  /** Inputs that the stock connector has not. */
  readonly own: OwnInputs
}

export interface PayloadFile {
  readonly base64: string
  readonly contentType: string
}

/** Input `data` of action converse. A null in a list was null in the diagram. */
export interface ConverseData {
  readonly action: 'converse'
  readonly modelId: string | null
  readonly newMessage: string | null
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  readonly history: readonly (HistoryMessage | null)[]
  readonly newDocuments: readonly (DocumentReference | null)[]
  /** Inputs that the stock connector has not. */
  readonly own: OwnInputs
}

/** A message with `contentList`, as the stock connector has it, or with `content`, as Bedrock has it. */
export type HistoryMessage = StockMessage | BedrockMessage

export interface StockMessage {
  readonly role: string | null
  readonly contentList: readonly (HistoryContent | null)[] | null
}

interface BedrockMessage {
  /** As it came; the result repeats it. */
  readonly message: JsonObject
  /** Its blocks as they are sent. */
  readonly content: readonly JsonValue[]
}

/** A piece of a `contentList`: a text, a document, or any block of Bedrock. */
export type HistoryContent =
  | { readonly text: string | null; readonly document: DocumentReference | null }
  | OwnBlock

/** Input `data` of an action that the stock connector has not. */
export interface ModelFreeData {
  readonly action: ModelFreeCall['action']
  readonly modelId: string | null
  readonly own: OwnInputs
}

export type RequestData = InvokeModelData | ConverseData | ModelFreeData

const MODEL = 'io.camunda.connector.aws.bedrock.model'
const MESSAGE: BeanType = { className: `${MODEL}.BedrockMessage`, simpleName: 'BedrockMessage' }
const CONTENT: BeanType = {
  className: `${MODEL}.BedrockContent`,
  simpleName: 'BedrockContent',
  fromString: (text) => ({ text }),
}
/** The actions of the connector, and how the data of each is bound. */
const ACTIONS: Readonly<Record<string, Action>> = {
  converse: {
    type: { className: `${MODEL}.ConverseData`, simpleName: 'ConverseData' },
    bind: (properties, place, rescue) =>
      bindConverse(rescue ? withRescuedDocuments(properties) : properties, place),
  },
  invokeModel: {
    type: { className: `${MODEL}.InvokeModelData`, simpleName: 'InvokeModelData' },
    bind: bindInvokeModel,
  },
  countTokens: modelFree('countTokens'),
  applyGuardrail: modelFree('applyGuardrail'),
  invokeGuardrailChecks: modelFree('invokeGuardrailChecks'),
}

interface Action {
  readonly type: BeanType
  bind(properties: JsonObject, place: Place, rescueDocuments: boolean): RequestData
}

function modelFree(action: ModelFreeCall['action']): Action {
  return {
    type: { className: `${MODEL}.BedrockRequestData`, simpleName: 'BedrockRequestData' },
    bind: (properties, place) => ({
      action,
      modelId: bindString(properties['modelId'], within(place, 'modelId')),
      own: bindOwnInputs(action, properties, place),
    }),
  }
}

/** The runtime's default (https://docs.camunda.io: Max token returned). */
const DEFAULT_MAX_TOKENS = 512

/** What the binding of data depends on, besides the data. */
export interface DataBinding {
  readonly documents: DocumentBinding
  /** Whether documents that the engine lost are restored from the helper keys of the element template. */
  readonly rescueDocuments: boolean
}

/**
 * @param action - the value of input `action`.
 * @param token - Jackson's current token while data is bound; some messages show it.
 * @returns null when data is JSON null.
 */
export function bindData(
  { action, data, token }: { action: string; data: JsonValue; token: string },
  { documents, rescueDocuments }: DataBinding,
): RequestData | null {
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (data === null) return null
  if (known === undefined) throw mismatch('Unexpected Error, Further investigation is needed')
  const place = { path: [], token, documents }
  const read = (properties: JsonObject): RequestData => known.bind(properties, place, rescueDocuments)
  return bindBean(data, { type: known.type, place, read })
}

function bindInvokeModel(properties: JsonObject, place: Place): InvokeModelData {
  let modelId: string | null = null
  let payload: JsonValue = null
  let file: PayloadFile | null = null
  const own = bindOwnInputs('invokeModel', properties, place)
  for (const [name, value] of Object.entries(properties)) {
    const at = { ...place, path: [name] }
    if (name === 'modelId') modelId = bindString(value, at)
    // Refuses deep nesting before the value is traversed.
    if (name === 'payload') {
      const type = fileType(value, own)
      if (type === null) payload = place.documents.object(throughJava(value), at)
      else file = { base64: place.documents.text(value as JsonObject, at) ?? '', contentType: type }
    }
  }
  return {
    action: 'invokeModel',
    modelId,
    payload,
    file,
    own,
  }
}

/** The content type of a payload that is a document and not JSON; null for JSON, in which a document is an empty object. */
function fileType(payload: JsonValue, { sent: { contentType } }: OwnInputs): string | null {
  if (!isDocumentReference(payload)) return null
  const type = typeof contentType === 'string' ? contentType : contentTypeOf(payload)
  return type === null || isJsonType(type) ? null : type
}

function bindConverse(properties: JsonObject, place: Place): ConverseData {
  let data: ConverseData = {
    action: 'converse',
    modelId: null,
    newMessage: null,
    maxTokens: DEFAULT_MAX_TOKENS,
    temperature: null,
    topP: null,
    history: [],
    newDocuments: [],
    own: bindOwnInputs('converse', properties, place),
  }
  for (const [name, value] of Object.entries(properties))
    data = { ...data, ...bindProperty(name, value, { ...place, path: [name] }) }
  return data
}

function bindProperty(name: string, value: JsonValue, place: Place): Partial<ConverseData> {
  switch (name) {
    case 'modelId':
      return { modelId: bindString(value, place) }
    case 'newMessage':
      return { newMessage: bindString(value, place) }
    case 'maxTokens':
      return { maxTokens: bindInteger(value, place) }
    case 'temperature':
      return { temperature: bindFloat(value, place) }
    case 'topP':
      return { topP: bindFloat(value, place) }
    case 'messagesHistory':
      return value === null
        ? {}
        : { history: (bindList(value) ?? []).map((item) => bindMessage(item, place)) }
    case 'newDocuments':
      return { newDocuments: (bindList(value) ?? []).map((item) => bindDocument(item, place)) }
    default:
      return {}
  }
}

function bindMessage(value: JsonValue, list: Place): HistoryMessage | null {
  const place = { ...list, path: [...list.path, null] }
  if (isJsonObject(value) && !Object.hasOwn(value, 'contentList')) {
    const { content } = value
    if (isJsonArray(content) || typeof content === 'string')
      return { message: value, content: bindBlocks(contentItems(content), within(place, 'content')) }
  }
  const read = (properties: JsonObject): StockMessage => {
    let message: StockMessage = { role: null, contentList: null }
    for (const [name, item] of Object.entries(properties)) {
      const at = { ...place, path: [...place.path, name] }
      if (name === 'role') message = { ...message, role: bindString(item, at) }
      if (name === 'contentList') {
        const contentList = bindList(item)?.map((content) => bindContent(content, at)) ?? null
        message = { ...message, contentList }
      }
    }
    return message
  }
  return bindBean(value, { type: MESSAGE, place, read })
}

function bindContent(value: JsonValue, list: Place): HistoryContent | null {
  const place = { ...list, path: [...list.path, null] }
  if (isOwnBlock(value)) return bindBlock(value, place)
  const read = (properties: JsonObject): HistoryContent => {
    let content: { text: string | null; document: DocumentReference | null } = { text: null, document: null }
    for (const [name, item] of Object.entries(properties)) {
      const at = { ...place, path: [...place.path, name] }
      if (name === 'text') content = { ...content, text: bindString(item, at) }
      if (name === 'document') content = { ...content, document: place.documents.document(item, at) }
    }
    return content
  }
  return bindBean(value, { type: CONTENT, place, read })
}

function bindDocument(value: JsonValue, list: Place): DocumentReference | null {
  return list.documents.document(value, { ...list, path: [...list.path, null] })
}

/** Jackson's current token after it has read a whole value. */
export function tokenAfter(value: JsonValue): string {
  if (Array.isArray(value)) return 'END_ARRAY'
  return isJsonObject(value) ? 'END_OBJECT' : 'VALUE_STRING'
}
