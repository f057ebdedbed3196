// The message in Converse's answer (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html). Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'

/** The assistant's message; null if the answer has no output. */
export function messageOf(answer: JsonObject): JsonObject | null {
  const { output = null } = answer
  const message = isJsonObject(output) ? (output['message'] ?? null) : null
  return isJsonObject(message) ? message : null
}

/** The blocks of a message; none if it has no list of them. */
export function blocksOf({ content }: JsonObject): readonly JsonValue[] {
  return isJsonArray(content) ? content : []
}

/** The texts of blocks, joined; null if there is none. */
export function joinedText(blocks: readonly JsonValue[]): string | null {
  const texts = blocks.flatMap((block) => {
    const text = isJsonObject(block) ? block['text'] : undefined
    return typeof text === 'string' ? [text] : []
  })
  return texts.length === 0 ? null : texts.join('')
}
