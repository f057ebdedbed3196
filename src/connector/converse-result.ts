// From Converse's answer to the connector's response: the history followed by the answer, as a list. Pure.
import type { JsonObject } from '../job/json.ts'
import type { BedrockMessage, ConverseCall } from './bedrock-request.ts'
import { javaError, NULL_POINTER } from './connector-error.ts'
import type { ConnectorResponse } from './invoke-result.ts'
import { templateV1Response } from './template-v1.ts'

/** The message in Converse's answer, with blocks of any kind. */
interface AnswerMessage {
  readonly role?: string | undefined
  readonly content?: readonly ({ readonly text?: string | undefined } | null)[] | undefined
}

/**
 * @param message - `output.message` of the answer; undefined when the answer has no output.
 * @returns a list of messages; a block that is not text becomes `{}`.
 */
export function converseResponse(call: ConverseCall, message: AnswerMessage | undefined): ConnectorResponse {
  if (message === undefined) {
    const text =
      'Cannot invoke "software.amazon.awssdk.services.bedrockruntime.model.ConverseOutput.message()" because the return value of "software.amazon.awssdk.services.bedrockruntime.model.ConverseResponse.output()" is null'
    return { ok: false, error: javaError(NULL_POINTER, text) }
  }
  const contentList = (message.content ?? []).map((block) =>
    typeof block?.text === 'string' ? { text: block.text } : {},
  )
  const answer: BedrockMessage = { role: message.role ?? null, contentList }
  if (call.templateV1) return { ok: true, response: templateV1Response(call.messages, answer) }
  return { ok: true, response: [...call.messages, answer].map(asJson) }
}

function asJson({ role, contentList }: BedrockMessage): JsonObject {
  return { role, contentList: contentList.map((content) => ({ ...content })) }
}
