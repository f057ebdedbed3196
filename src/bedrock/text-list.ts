// Texts that a task lists. Pure.
import { isJsonArray, type JsonValue } from '../job/json.ts'

/** The items of a list of texts, or of a text with commas, without blank ones; null for a value that is neither. */
export function textList(value: JsonValue): readonly string[] | null {
  const items = isJsonArray(value) ? value : typeof value === 'string' ? value.split(',') : null
  if (!items?.every((item) => typeof item === 'string')) return null
  return items.map((item) => item.trim()).filter((item) => item !== '')
}
