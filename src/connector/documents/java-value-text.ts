// A JSON value as `Object.toString` prints it in Java, for messages.
import { isJsonObject, type JsonValue, numberText } from '../../job/json.ts'
import { javaNumberText } from '../java-number.ts'

/** Maps print as `{a=1}`, lists as `[1, 2]`, null as `null`, texts as they are. */
export function javaText(value: JsonValue): string {
  const number = numberText(value)
  if (number !== null) return javaNumberText(number)
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (!isJsonObject(value)) return String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}=${javaText(item)}`)
  return `{${entries.join(', ')}}`
}
