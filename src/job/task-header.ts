// One header of a task, for what is no input of the connector. Pure.
import { isJsonObject, type JsonValue, parseJson } from './json.ts'

/**
 * @param customHeaders - JSON text of the task headers; text that is none has no header.
 * @returns undefined where there is no such header.
 */
export function taskHeader(customHeaders: string, name: string): JsonValue | undefined {
  if (!customHeaders.includes(name)) return undefined
  try {
    const headers = parseJson(customHeaders)
    return isJsonObject(headers) ? headers[name] : undefined
  } catch {
    return undefined
  }
}
