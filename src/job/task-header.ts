// Headers of a task, for what is no input of the connector. Pure.
import { isJsonObject, type JsonValue, parseJson } from './json.ts'

/**
 * Reads some headers of a task.
 * @param customHeaders - JSON text of the task headers; text that is none has no header.
 * @returns their values in the order of the names, undefined where there is no such header.
 */
export function taskHeaders(
  customHeaders: string,
  names: readonly string[],
): readonly (JsonValue | undefined)[] {
  const none = names.map(() => undefined)
  if (!names.some((name) => customHeaders.includes(name))) return none
  try {
    const headers = parseJson(customHeaders)
    return isJsonObject(headers) ? names.map((name) => headers[name]) : none
  } catch {
    return none
  }
}

/** One of them. */
export function taskHeader(customHeaders: string, name: string): JsonValue | undefined {
  return taskHeaders(customHeaders, [name])[0]
}
