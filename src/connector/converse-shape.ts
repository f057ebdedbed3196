// Whether an answer of Converse has the shape that the AWS SDK for Java reads, and that SDK's error if not. Pure.
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../job/json.ts'
import { tokenOf } from './bind-bean.ts'

const EXCEPTION = 'software.amazon.awssdk.thirdparty.jackson.core.JsonParseException'

/** Why a JSON text cannot be read as an answer of Converse; null if it can. */
export function converseShapeFault(text: string): string | null {
  const answer = read(text)
  if (answer === undefined) return null
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

function read(text: string): JsonValue | JsonObject | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
