// Runtime 8.8 cannot write an external document into a variable: the job fails after its call. Reproduced for that line only, because its
// incidents are recorded; later lines write the reference. Pure.

import { isJsonArray, isJsonObject, type JsonValue } from '../../job/json.ts'
import type { Headers } from '../../job/task-headers.ts'
import type { BedrockRequest } from '../bedrock-request.ts'
import type { Compatibility } from '../compatibility.ts'
import type { ConnectorError } from '../connector-error.ts'
import { isBlank } from '../java-text.ts'
import { DOCUMENT_TYPE } from './document-reference.ts'

const CLIENT_EXCEPTION = 'io.camunda.client.api.command.InternalClientException'
const MESSAGE = 'io.camunda.connector.aws.bedrock.model.BedrockMessage'

/** Why the job fails although it was answered; null if its result can be written. */
export function unwritableResult(
  call: BedrockRequest['call'],
  { resultVariable = '' }: Headers,
  compatibility: Compatibility,
): ConnectorError | null {
  if (compatibility !== '8.8' || call.action !== 'converse' || isBlank(resultVariable)) return null
  const contents = call.messages.flatMap((message) =>
    isJsonArray(message['contentList']) ? message['contentList'] : [],
  )
  if (!contents.some(isExternal)) return null
  // Java prints addresses here; the result has one message more, the answer.
  const shown = [...call.messages, null].map((_, index) => `${MESSAGE}@${(index + 1).toString(16)}`)
  const message = `Failed to serialize object '{${resultVariable}=[${shown.join(', ')}]}' to json`
  return { type: CLIENT_EXCEPTION, message, input: true }
}

function isExternal(content: JsonValue): boolean {
  const document = isJsonObject(content) ? content['document'] : null
  return isJsonObject(document) && document[DOCUMENT_TYPE] === 'external'
}
