// The messages of a Converse request, as they are sent and as the result repeats them. They are mapped in the order of the Java connector,
// which fails at the first incomplete one. Pure.
import type { BedrockContent, BedrockMessage, PromptBlock, PromptMessage } from './bedrock-request.ts'
import type { ConverseData, HistoryContent, HistoryMessage } from './bind-data.ts'
import { type ConnectorError, javaError, NULL_POINTER } from './connector-error.ts'
import { UniqueNames } from './documents/block-name.ts'
import { documentBlock } from './documents/document-block.ts'
import { writeReference } from './documents/document-reference.ts'
import type { DocumentRules } from './documents/document-rules.ts'
import type { DocumentSupply, GatheredNeeds, Supplied } from './documents/document-supply.ts'

/** The messages in both forms. */
interface ConverseMessages {
  /** Messages to send. */
  readonly prompt: readonly PromptMessage[]
  /** Messages that the result begins with. */
  readonly messages: readonly BedrockMessage[]
}

/** What is needed to turn documents into blocks. */
export interface BlockParts {
  readonly rules: DocumentRules
  readonly supply: DocumentSupply
  readonly needs: GatheredNeeds
}

/**
 * The history followed by the new message. A document whose content must be fetched first is recorded, and left out.
 */
export function converseMessages(data: ConverseData, parts: BlockParts): Supplied<ConverseMessages> {
  const newMessage: HistoryMessage = {
    role: 'user',
    contentList: [
      ...data.newDocuments.map((document) => ({ text: null, document })),
      { text: data.newMessage, document: null },
    ],
  }
  const names = new UniqueNames()
  const prompt: PromptMessage[] = []
  const messages: BedrockMessage[] = []
  for (const message of [...data.history, newMessage]) {
    if (message === null) return stumble(NO_MESSAGE)
    if (message.contentList === null) return stumble(NO_CONTENT_LIST)
    const content: PromptBlock[] = []
    for (const item of message.contentList) {
      const block = parts.needs.meet(() => blockOf(item, parts), NOT_YET)
      if (!block.ok) return block
      content.push(parts.rules.uniqueNames ? withUniqueName(block.value, names) : block.value)
    }
    prompt.push({ role: message.role, content })
    messages.push({ role: message.role, contentList: message.contentList.map(written) })
  }
  return { ok: true, value: { prompt, messages } }
}

const NOT_YET: Supplied<PromptBlock> = { ok: true, value: { kind: 'text', text: '' } }
const NO_MESSAGE =
  '"io.camunda.connector.aws.bedrock.model.BedrockMessage.getContentList()" because "bedrockMessage" is null'
const NO_CONTENT_LIST = '"java.util.List.stream()" because "contentBlocks" is null'
const NO_CONTENT =
  '"io.camunda.connector.aws.bedrock.model.BedrockContent.getText()" because "content" is null'
const NO_DOCUMENT = '"io.camunda.connector.api.document.Document.metadata()" because "document" is null'

function stumble(over: string): { readonly ok: false; readonly error: ConnectorError } {
  return { ok: false, error: javaError(NULL_POINTER, `Cannot invoke ${over}`) }
}

/** If a content has a text, its document is ignored. */
function blockOf(content: HistoryContent | null, parts: BlockParts): Supplied<PromptBlock> {
  if (content === null) return stumble(NO_CONTENT)
  if (content.text !== null) return { ok: true, value: { kind: 'text', text: content.text } }
  return content.document === null ? stumble(NO_DOCUMENT) : documentBlock(content.document, parts)
}

function withUniqueName(block: PromptBlock, names: UniqueNames): PromptBlock {
  return block.kind === 'document' ? { ...block, name: names.take(block.name) } : block
}

function written(content: HistoryContent | null): BedrockContent {
  const { text = null, document = null } = content ?? {}
  return {
    ...(text === null ? {} : { text }),
    ...(document === null ? {} : { document: writeReference(document) }),
  }
}
