// From Converse's answer to the connector's response: the history followed by the answer, as a list. Pure.
import { blocksOf, messageOf } from '../bedrock/answer-message.ts'
import { isJsonObject, type JsonObject } from '../job/json.ts'
import type { ConverseCall } from './bedrock-request.ts'
import { javaError, NULL_POINTER } from './connector-error.ts'
import type { ConnectorResponse } from './invoke-result.ts'
import { templateV1Response } from './template-v1.ts'

/**
 * @param answer - the whole answer, of Converse's shape.
 * @returns a list of messages; a block that is not text becomes `{}`.
 */
export function converseResponse(call: ConverseCall, answer: JsonObject): ConnectorResponse {
  const message = messageOf(answer)
  if (message === null) {
    const text =
      'Cannot invoke "software.amazon.awssdk.services.bedrockruntime.model.ConverseOutput.message()" because the return value of "software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse.output()" is null'
    return { ok: false, error: javaError(NULL_POINTER, text) }
  }
  const { role = null } = message
  const contentList = blocksOf(message).map((block) => {
    const text = isJsonObject(block) ? block['text'] : null
    return typeof text === 'string' ? { text } : {}
  })
  const stock: JsonObject = { role, contentList }
  if (call.templateV1) return { ok: true, response: templateV1Response(call.messages, stock) }
  return { ok: true, response: [...call.messages, stock] }
}
