// Binds the input `data` for its action, in the order Jackson meets the properties: the first that cannot be bound
// is the one the user hears of. Throws BindingError, nothing else.
import { isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import { type BeanType, bindBean, bindList } from './bind-bean.ts'
import { bindFloat, bindInteger, bindString, type Place } from './bind-scalar.ts'
import { type BindingPath, mismatch } from './binding-error.ts'
import { refuseDocument } from './document-reference.ts'

/** Input `data` of action invokeModel. */
export interface InvokeModelData {
  readonly action: 'invokeModel'
  readonly modelId: string | null
  readonly payload: JsonValue
}

/** Input `data` of action converse; a null in a list is a null the diagram gave. */
export interface ConverseData {
  readonly action: 'converse'
  readonly modelId: string | null
  readonly newMessage: string | null
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  readonly history: readonly (HistoryMessage | null)[]
  /** Places of documents; none holds one as long as documents are not supported. */
  readonly newDocuments: readonly null[]
}

export interface HistoryMessage {
  readonly role: string | null
  readonly contentList: readonly ({ readonly text: string | null } | null)[] | null
}

export type RequestData = InvokeModelData | ConverseData

const MODEL = 'io.camunda.connector.aws.bedrock.model'
const MESSAGE: BeanType = { className: `${MODEL}.BedrockMessage`, simpleName: 'BedrockMessage' }
const CONTENT: BeanType = {
  className: `${MODEL}.BedrockContent`,
  simpleName: 'BedrockContent',
  fromString: (text) => ({ text }),
}
const ACTIONS: Readonly<Record<string, BeanType>> = {
  converse: { className: `${MODEL}.ConverseData`, simpleName: 'ConverseData' },
  invokeModel: { className: `${MODEL}.InvokeModelData`, simpleName: 'InvokeModelData' },
}
/** The runtime's default (https://docs.camunda.io: Max token returned). */
const DEFAULT_MAX_TOKENS = 512

/**
 * @param action - the value of input `action`.
 * @param token - Jackson's current token while data is bound; it shows in some messages.
 * @returns null when data is JSON null.
 */
export function bindData(action: string, data: JsonValue, token: string): RequestData | null {
  const type = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (data === null) return null
  if (type === undefined) throw mismatch('Unexpected Error, Further investigation is needed')
  const read = action === 'converse' ? bindConverse : bindInvokeModel
  return bindBean<RequestData>(data, {
    type,
    place: { path: [], token },
    read: (properties) => read(properties, token),
  })
}

function bindInvokeModel(properties: JsonObject, token: string): InvokeModelData {
  let modelId: string | null = null
  let payload: JsonValue = null
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'modelId') modelId = bindString(value, { path: [name], token })
    if (name === 'payload') payload = value
  }
  return { action: 'invokeModel', modelId, payload }
}

function bindConverse(properties: JsonObject, token: string): ConverseData {
  let data: ConverseData = {
    action: 'converse',
    modelId: null,
    newMessage: null,
    maxTokens: DEFAULT_MAX_TOKENS,
    temperature: null,
    topP: null,
    history: [],
    newDocuments: [],
  }
  for (const [name, value] of Object.entries(properties))
    data = { ...data, ...bindProperty(name, value, token) }
  return data
}

function bindProperty(name: string, value: JsonValue, token: string): Partial<ConverseData> {
  const place = { path: [name], token }
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
        : { history: (bindList(value) ?? []).map((item) => bindMessage(item, token)) }
    case 'newDocuments':
      return { newDocuments: (bindList(value) ?? []).map((item) => bindDocument(item, ['data', name])) }
    default:
      return {}
  }
}

function bindMessage(value: JsonValue, token: string): HistoryMessage | null {
  const path: BindingPath = ['messagesHistory', null]
  const read = (properties: JsonObject): HistoryMessage => {
    let message: HistoryMessage = { role: null, contentList: null }
    for (const [name, item] of Object.entries(properties)) {
      if (name === 'role') message = { ...message, role: bindString(item, { path: [...path, name], token }) }
      if (name === 'contentList') {
        const place = { path: [...path, name, null], token }
        message = {
          ...message,
          contentList: bindList(item)?.map((content) => bindContent(content, place)) ?? null,
        }
      }
    }
    return message
  }
  return bindBean(value, { type: MESSAGE, place: { path, token }, read })
}

function bindContent(value: JsonValue, place: Place): { text: string | null } | null {
  const read = (properties: JsonObject): { text: string | null } => {
    let text: string | null = null
    for (const [name, item] of Object.entries(properties)) {
      const path = [...place.path, name]
      if (name === 'text') text = bindString(item, { ...place, path })
      if (name === 'document') bindDocument(item, ['data', ...path])
    }
    return { text }
  }
  return bindBean(value, { type: CONTENT, place, read })
}

function bindDocument(value: JsonValue, path: BindingPath): null {
  return value === null ? null : refuseDocument(value, path)
}

/** Jackson's current token after it has read a value whole. */
export function tokenAfter(value: JsonValue): string {
  if (Array.isArray(value)) return 'END_ARRAY'
  return isJsonObject(value) ? 'END_OBJECT' : 'VALUE_STRING'
}
