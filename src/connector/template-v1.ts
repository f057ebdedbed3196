// Diagrams of element template version 1, made for runtime 8.6: Converse with `nextMessage` and `messages`, which no runtime since 8.7 knows.
// Translates such inputs to those of today, and the result back. Only for the switch QUARRY_TEMPLATE_V1. Throws only BindingError.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { type BeanType, bindBean, bindList, tokenOf } from './bind-bean.ts'
import type { DocumentBinding } from './bind-scalar.ts'
import { bindString } from './bind-scalar.ts'
import { type BindingPath, invalidFormat, severalValues, wrongShape } from './binding-error.ts'
import type { ConnectorError } from './connector-error.ts'

const MESSAGE: BeanType = {
  className: 'io.camunda.connector.aws.bedrock.model.PreviousMessage',
  simpleName: 'PreviousMessage',
}
const ROLE: BeanType = {
  className: 'software.amazon.awssdk.services.bedrockruntime.model.ConversationRole',
  simpleName: 'ConversationRole',
}
/** In the order of the Java enum, because numbers refer to it. */
const ROLES = ['user', 'assistant']
/** Jackson's token after it has read the whole of `data`. */
const TOKEN = 'END_OBJECT'
const RENAMED: Readonly<Record<string, string>> = { nextMessage: 'newMessage', messages: 'messagesHistory' }
const UNKNOWN_THEN = new Set(['newMessage', 'messagesHistory', 'newDocuments'])

/** Whether the inputs are of version 1: action converse, `data.nextMessage` and no `data.newMessage`. */
export function isTemplateV1(variables: JsonValue): boolean {
  const root = single(variables)
  if (!isJsonObject(root) || root['action'] !== 'converse') return false
  const data = single(root['data'])
  if (!isJsonObject(data) || !Object.hasOwn(data, 'nextMessage')) return false
  return (data['newMessage'] ?? null) === null
}

/**
 * The inputs under today's names. Only for inputs of {@link isTemplateV1}.
 * @throws BindingError for a history that 8.6 could not have bound.
 */
export function fromTemplateV1(variables: JsonValue, documents: DocumentBinding): JsonObject {
  const root = single(variables)
  const data = isJsonObject(root) ? single(root['data']) : null
  if (!isJsonObject(root) || !isJsonObject(data)) throw new Error('These are no inputs of template version 1')
  const known = Object.entries(data).filter(([name]) => !UNKNOWN_THEN.has(name))
  const renamed = known.map(([name, value]) => [
    RENAMED[name] ?? name,
    name === 'messages' ? bindMessages(value, documents) : value,
  ])
  return { ...root, data: Object.fromEntries(renamed) }
}

/** A failure of the inputs, under the names of the diagram. */
export function asTemplateV1(error: ConnectorError): ConnectorError {
  return { ...error, message: error.message.replaceAll('data.newMessage', 'data.nextMessage') }
}

/** The connector's response in 8.6: the history followed by the answer, and the answer's first text. */
export function templateV1Response(history: readonly JsonObject[], answer: JsonObject): JsonValue {
  const messageHistory = [...history, answer].map((message) => {
    const { role = null, contentList = [] } = message
    const [first] = isJsonArray(contentList) ? contentList : []
    return {
      message: isJsonObject(first) ? (first['text'] ?? null) : null,
      role: typeof role === 'string' ? role.toUpperCase() : null,
    }
  })
  return { messageHistory, newMessage: messageHistory.at(-1)?.message ?? null }
}

function bindMessages(value: JsonValue, documents: DocumentBinding): JsonValue {
  const path: BindingPath = ['messages', null]
  const read = (properties: JsonObject): JsonObject => {
    const text = bindString(properties['message'], { path: [...path, 'message'], token: TOKEN, documents })
    return {
      role: bindRole(properties['role'] ?? null, [...path, 'role']),
      contentList: [{ text: text ?? '' }],
    }
  }
  const place = { path, token: TOKEN }
  return bindList(value)?.map((item) => bindBean(item, { type: MESSAGE, place, read })) ?? null
}

/** A Java enum by Jackson's rules: its name in any letter case, or its number; a list of one is unwrapped. */
function bindRole(value: JsonValue, path: BindingPath): string | null {
  if (Array.isArray(value)) {
    const [first] = value
    if (first === undefined || Array.isArray(first)) throw wrongShape(ROLE.className, 'Array', 'START_ARRAY')
    const role = bindRole(first, path)
    if (value.length > 1) throw severalValues(ROLE.className, TOKEN)
    return role
  }
  if (value === null) return null
  if (typeof value === 'boolean') throw wrongShape(ROLE.className, 'Boolean', tokenOf(value))
  if (isJsonObject(value)) throw wrongShape(ROLE.className, 'Object', 'START_OBJECT')
  const text = typeof value === 'string' ? value.trim().toLowerCase() : (numberText(value) ?? '')
  const role = typeof value === 'string' ? ROLES.find((name) => name === text) : undefined
  const numbered = role ?? ROLES[/^\d$/.test(text) ? Number(text) : ROLES.length]
  if (numbered === undefined) throw invalidFormat(path, ROLE.simpleName)
  return numbered
}

function single(value: JsonValue | undefined): JsonValue {
  const [only] = Array.isArray(value) && value.length === 1 ? value : [value]
  return only ?? null
}
