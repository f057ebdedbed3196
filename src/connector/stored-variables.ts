// The part of a job's variables that is stored in Redis. Element templates keep copies of documents for their own editor; these are left out
// where nothing reads them, because an inline document would be stored twice. Pure.
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import { DOCUMENT_HELPERS } from './documents/rescue-documents.ts'
import { hasTooManyValues } from './value-count.ts'

/**
 * The JSON text to store: unchanged unless something is left out; numbers keep their text.
 * @param rescue - whether documents that an engine lost are restored from those copies.
 */
export function storedVariables(text: string, { rescue }: { readonly rescue: boolean }): string {
  // Secrets named there are resolved, as in the connector, and a missing one fails the job.
  if (rescue || !text.includes(`"${DOCUMENT_HELPERS}_`) || text.includes('secrets')) return text
  if (hasTooManyValues(text)) return text
  const variables = read(text)
  const data = isJsonObject(variables) ? variables['data'] : undefined
  if (!isJsonObject(variables) || !isJsonObject(data)) return text
  const kept = Object.entries(data).filter(([name]) => !name.startsWith(`${DOCUMENT_HELPERS}_`))
  return stringifyJson({ ...variables, data: Object.fromEntries(kept) })
}

/** Invalid JSON is reported by whoever reads the text later. */
function read(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
