// Whether an answer of Converse has the shape that the AWS SDK for Java reads, and that SDK's error if not. Pure.
import { isJsonObject, type JsonValue, parseJson } from '../job/json.ts'
import { tokenOf } from './bind-bean.ts'

const EXCEPTION = 'software.amazon.awssdk.thirdparty.jackson.core.JsonParseException'

/** Why a JSON text cannot be read as an answer of Converse; null if it can, or is no JSON. */
export function converseTextFault(text: string): string | null {
  try {
    return converseShapeFault(parseJson(text))
  } catch {
    return null
  }
}

/** Why an answer has not the shape of Converse's; null if it has. */
export function converseShapeFault(answer: JsonValue): string | null {
  if (answer === null) return 'left must not be null.'
  if (!isJsonObject(answer)) return `${EXCEPTION}: expecting start object, got instead: ${tokenOf(answer)}`
  const output = answer['output'] ?? null
  const message = isJsonObject(output) ? (output['message'] ?? null) : null
  const content = isJsonObject(message) ? (message['content'] ?? null) : null
  if (content !== null && !Array.isArray(content)) return mismatch('START_ARRAY', content)
  const objects: readonly JsonValue[] = [output, message, ...(content ?? [])]
  const wrong = objects.find((value) => value !== null && !isJsonObject(value))
  return wrong === undefined ? null : mismatch('START_OBJECT', wrong)
}

function mismatch(expected: string, value: JsonValue): string {
  return `${EXCEPTION}: unexpected token, expecting token: ${expected}, got: ${tokenOf(value)}`
}
