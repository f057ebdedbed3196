// Which of a job's variables wait in Redis: the copies that element templates keep of documents, for their own editor,
// are left out where nothing reads them. An inline document would lie there twice. Pure.
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import { DOCUMENT_HELPERS } from './documents/rescue-documents.ts'
import { hasTooManyValues } from './value-count.ts'

/**
 * The variables' JSON text to store: as it is, unless something is left out; numbers keep their text.
 * @param rescue - whether documents that an engine lost are taken from those copies.
 */
export function storedVariables(text: string, { rescue }: { readonly rescue: boolean }): string {
  // A secret that is named there is asked for, as the connector does, and its absence fails the job.
  if (rescue || !text.includes(`"${DOCUMENT_HELPERS}_`) || text.includes('secrets')) return text
  if (hasTooManyValues(text)) return text
  const variables = read(text)
  const data = isJsonObject(variables) ? variables['data'] : undefined
  if (!isJsonObject(variables) || !isJsonObject(data)) return text
  const kept = Object.entries(data).filter(([name]) => !name.startsWith(`${DOCUMENT_HELPERS}_`))
  return stringifyJson({ ...variables, data: Object.fromEntries(kept) })
}

/** What is no JSON is for its reader to complain of. */
function read(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
