// The messages of a Converse request, as they are sent and as the result repeats them. They are mapped in the order of the Java connector,
// which fails at the first incomplete one. Pure.
import { asBlock, checkBlocks, contentItems } from '../bedrock/content-block.ts'
import { toolResultBlocks } from '../bedrock/tool-results.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import type { ConverseData, HistoryContent, HistoryMessage, StockMessage } from './bind-data.ts'
import { type ConnectorError, javaError, NULL_POINTER } from './connector-error.ts'
import { UniqueNames } from './documents/block-name.ts'
import { documentBlock } from './documents/document-block.ts'
import { writeReference } from './documents/document-reference.ts'
import type { DocumentRules } from './documents/document-rules.ts'
import {
  base64,
  type DocumentSupply,
  type GatheredNeeds,
  type Supplied,
} from './documents/document-supply.ts'
import { isBlank } from './java-text.ts'

/** The messages in both forms. */
interface ConverseMessages {
  /** Messages to send, in Bedrock's form. */
  readonly prompt: readonly JsonObject[]
  /** Messages that the result begins with. */
  readonly messages: readonly JsonObject[]
}

/** What is needed to turn documents into blocks. */
export interface BlockParts {
  readonly rules: DocumentRules
  readonly supply: DocumentSupply
  readonly needs: GatheredNeeds
}

/**
 * The history followed by the new message. A document whose content must be fetched first is recorded, and left out. Messages of the history
 * without content are not sent, since Bedrock refuses them, and a model may have answered nothing; the result repeats them.
 */
export function converseMessages(data: ConverseData, parts: BlockParts): Supplied<ConverseMessages> {
  const names = parts.rules.uniqueNames ? new UniqueNames() : null
  const prompt: JsonObject[] = []
  const messages: JsonObject[] = []
  for (const [index, message] of data.history.entries()) {
    const blocks = blocksOf(message, parts)
    if (!blocks.ok) return blocks
    checkBlocks(`messagesHistory[${index}].content`, blocks.value, true)
    const given = givenBlocks(message)
    const content = blocks.value
      .map((block, index) => named(block, names, given[index]))
      .filter((block) => !isEmpty(block))
    if (message === null || content.length === 0) {
      if (message !== null) messages.push(repeated(message))
      continue
    }
    prompt.push('message' in message ? { ...message.message, content } : sentMessage(message.role, content))
    messages.push(repeated(message))
  }
  const last = newMessage(data, parts)
  if (!last.ok) return last
  const { repeated: asGiven } = last.value
  const given = isJsonArray(asGiven['content']) ? asGiven['content'] : []
  const content = last.value.content.map((block, index) => named(block, names, given[index]))
  // A prompt of Prompt management may need no message.
  if (content.length === 0) return { ok: true, value: { prompt, messages } }
  return {
    ok: true,
    value: {
      prompt: [...prompt, sentMessage('user', content)],
      messages: [...messages, last.value.repeated],
    },
  }
}

/** The blocks of a message as the diagram gave them, if it gave them in Bedrock's form. */
function givenBlocks(message: HistoryMessage | null): readonly JsonValue[] {
  if (message === null || !('message' in message)) return []
  const { content } = message.message
  return isJsonArray(content) ? content : []
}

interface NewMessage {
  readonly content: readonly JsonValue[]
  readonly repeated: JsonObject
}

/** Results of tools come first, as some models want it, then documents, further blocks and the text. */
function newMessage(data: ConverseData, parts: BlockParts): Supplied<NewMessage> {
  const documents: readonly HistoryContent[] = data.newDocuments.map((document) => ({ text: null, document }))
  const stock: StockMessage = {
    role: 'user',
    contentList: [
      ...documents,
      ...(isText(data.newMessage) ? [{ text: data.newMessage, document: null }] : []),
    ],
  }
  const blocks = blocksOf(stock, parts)
  if (!blocks.ok) return blocks
  const { given, sent } = data.own
  const count = documents.length
  const further = contentItems(sent['newContent']).map(asBlock)
  checkBlocks('newContent', further, false)
  const content = [
    ...toolResultBlocks(sent['toolResults']),
    ...blocks.value.slice(0, count),
    ...further,
    ...blocks.value.slice(count),
  ]
  if (!isBedrocksForm(data)) return { ok: true, value: { content, repeated: repeated(stock) } }
  const asGiven = [
    ...toolResultBlocks(given['toolResults']),
    ...blocks.value.slice(0, count).map((block, index) => withReference(block, documents[index])),
    ...contentItems(given['newContent']).map(asBlock),
    ...blocks.value.slice(count),
  ]
  return { ok: true, value: { content, repeated: { role: 'user', content: asGiven } } }
}

/** Whether the result repeats the new message in Bedrock's form: it has blocks that the stock form has not, or the task asks for that form. */
function isBedrocksForm({ own: { given } }: ConverseData): boolean {
  return ['toolResults', 'newContent', 'resultDetails'].some((name) => Object.hasOwn(given, name))
}

/** The bean validation lets a blank text pass only beside other content. */
function isText(text: string | null): boolean {
  return text !== null && !isBlank(text)
}

/** A stock document's block with its reference in place of the content. */
function withReference(block: JsonValue, content: HistoryContent | undefined): JsonValue {
  const reference = content !== undefined && 'document' in content ? content.document : null
  const [kind = ''] = isJsonObject(block) ? Object.keys(block) : []
  if (reference === null) return block
  return { [kind]: { source: { bytes: writeReference(reference) } } }
}

/** A missing role is left out: Bedrock judges it. */
function sentMessage(role: string | null, content: readonly JsonValue[]): JsonObject {
  return role === null ? { content } : { role, content }
}

const NOT_YET: Supplied<JsonObject> = { ok: true, value: { text: 'x' } }
const NO_MESSAGE =
  '"io.camunda.connector.aws.bedrock.model.BedrockMessage.getContentList()" because "bedrockMessage" is null'
const NO_CONTENT_LIST = '"java.util.List.stream()" because "contentBlocks" is null'
const NO_CONTENT =
  '"io.camunda.connector.aws.bedrock.model.BedrockContent.getText()" because "content" is null'
const NO_DOCUMENT = '"io.camunda.connector.api.document.Document.metadata()" because "document" is null'

function stumble(over: string): { readonly ok: false; readonly error: ConnectorError } {
  return { ok: false, error: javaError(NULL_POINTER, `Cannot invoke ${over}`) }
}

function blocksOf(message: HistoryMessage | null, parts: BlockParts): Supplied<readonly JsonValue[]> {
  if (message === null) return stumble(NO_MESSAGE)
  if ('message' in message) return { ok: true, value: message.content }
  if (message.contentList === null) return stumble(NO_CONTENT_LIST)
  const blocks: JsonValue[] = []
  for (const content of message.contentList) {
    if (isUnknown(content) && message.role === 'assistant') continue
    const block = parts.needs.meet(() => blockOf(content, parts), NOT_YET)
    if (!block.ok) return block
    blocks.push(block.value)
  }
  return { ok: true, value: blocks }
}

/** `{}` stands for a block of an answer that the stock result has no form for: it cannot be sent back. */
function isUnknown(content: HistoryContent | null): boolean {
  return content !== null && !('block' in content) && content.text === null && content.document === null
}

/** If a content has a text, its document is ignored. */
function blockOf(content: HistoryContent | null, parts: BlockParts): Supplied<JsonObject> {
  if (content === null) return stumble(NO_CONTENT)
  if ('block' in content) return { ok: true, value: content.sent }
  if (content.text !== null) return { ok: true, value: { text: content.text } }
  if (content.document === null) return stumble(NO_DOCUMENT)
  const block = documentBlock(content.document, parts)
  if (!block.ok) return block
  const { kind, format, bytes } = block.value
  const source = { bytes: base64(bytes) }
  if (kind === 'image') return { ok: true, value: { image: { format, source } } }
  return { ok: true, value: { document: { format, name: block.value.name, source } } }
}

/** A block that Bedrock refuses, and that says nothing. */
function isEmpty(block: JsonValue): boolean {
  if (!isJsonObject(block)) return false
  const names = Object.keys(block)
  const { text } = block
  return names.length === 0 || (names.length === 1 && typeof text === 'string' && isBlank(text))
}

/** Bedrock refuses two documents of one name: those that the diagram did not name itself are numbered. */
function named(block: JsonValue, names: UniqueNames | null, given: JsonValue = null): JsonValue {
  if (names === null || !isJsonObject(block)) return block
  const { document, toolResult } = block
  if (isJsonObject(toolResult)) return { ...block, toolResult: namedResult(toolResult, names, given) }
  if (!isJsonObject(document) || typeof document['name'] !== 'string') return block
  const name = names.take(document['name'])
  const own = isJsonObject(given) ? given['document'] : undefined
  if (isJsonObject(own) && Object.hasOwn(own, 'name')) return block
  return { ...block, document: { ...document, name } }
}

function namedResult(result: JsonObject, names: UniqueNames, given: JsonValue): JsonObject {
  if (!isJsonArray(result['content'])) return result
  const asGiven = isJsonObject(given) ? given['toolResult'] : undefined
  const blocks = isJsonObject(asGiven) ? asGiven['content'] : undefined
  return {
    ...result,
    content: result['content'].map((block, index) =>
      named(block, names, isJsonArray(blocks) ? blocks[index] : null),
    ),
  }
}

/** The message as the result repeats it. */
function repeated(message: HistoryMessage): JsonObject {
  if ('message' in message) return message.message
  return { role: message.role, contentList: (message.contentList ?? []).map(written) }
}

function written(content: HistoryContent | null): JsonObject {
  if (content !== null && 'block' in content) return content.block
  const { text = null, document = null } = content ?? {}
  return {
    ...(text === null ? {} : { text }),
    ...(document === null ? {} : { document: writeReference(document) }),
  }
}
