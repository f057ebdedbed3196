// The blocks of a message's content (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html). Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import { InputFault } from './input-fault.ts'

/** A text stands for a block of text. */
export function asBlock(item: JsonValue): JsonValue {
  return typeof item === 'string' ? { text: item } : item
}

/** The items of a content, which may be a single one. */
export function contentItems(content: JsonValue | undefined): readonly JsonValue[] {
  if (content === undefined) return []
  return isJsonArray(content) ? content : [content]
}

/**
 * A block as it is sent. The arguments of a tool are a text if the model was cut before their end. Bedrock refuses that in a history ("Provide a
 * json object for the field").
 */
export function sendable(block: JsonValue): JsonValue {
  const use = isJsonObject(block) ? block['toolUse'] : undefined
  if (!isJsonObject(block) || !isJsonObject(use) || typeof use['input'] !== 'string') return block
  return { ...block, toolUse: { ...use, input: { input: use['input'] } } }
}

/** Messages whose contents may be texts, or have them. @throws InputFault */
export function messagesWithBlocks(name: string, messages: readonly JsonValue[]): readonly JsonObject[] {
  return messages.map((message, index) => {
    if (!isJsonObject(message))
      throw new InputFault(`${name}[${index}]: must be a message, with role and content`)
    const content = contentItems(message['content']).map(asBlock)
    checkBlocks(`${name}[${index}].content`, content, false)
    return Object.hasOwn(message, 'content') ? { ...message, content } : message
  })
}

/** @throws InputFault for an item that is no block of any kind: Bedrock judges the kinds. */
export function checkBlocks(name: string, blocks: readonly JsonValue[], mayBeEmpty: boolean): void {
  const isBlock = (block: JsonValue) => isJsonObject(block) && (mayBeEmpty || Object.keys(block).length > 0)
  const wrong = blocks.findIndex((block) => !isBlock(block))
  if (wrong !== -1) throw new InputFault(`${name}[${wrong}]: must be a content block or a text`)
}
