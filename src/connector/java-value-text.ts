// What Java's `toString` prints of maps, lists and scalars that were parsed from JSON, for messages. Pure.
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { javaNumberText } from './java-number.ts'

/** The text of a value; objects in it are `LinkedHashMap`s, in the order of their keys. */
export function javaText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (isJsonObject(value)) return mapText(Object.entries(value))
  const number = numberText(value)
  return number === null ? String(value) : javaNumberText(number)
}

/**
 * The text of an object that Java holds as a `HashMap`, in the order of its buckets.
 * @param copied - how many of its entries were copied from another map, which decides the number of buckets.
 */
export function hashMapText(object: JsonObject, copied: number): string {
  const entries = Object.entries(object)
  const buckets = Array.from({ length: bucketsFor(entries.length, copied) }, (): [string, JsonValue][] => [])
  for (const entry of entries) buckets[spread(entry[0]) & (buckets.length - 1)]?.push(entry)
  return mapText(buckets.flat())
}

function mapText(entries: readonly (readonly [string, JsonValue])[]): string {
  return `{${entries.map(([key, value]) => `${key}=${javaText(value)}`).join(', ')}}`
}

/** The table doubles when it is more than three quarters full. */
function bucketsFor(size: number, copied: number): number {
  let buckets = copied === 0 ? 16 : 1
  while (copied > 0 && buckets < Math.floor(copied / 0.75 + 1)) buckets *= 2
  while (size > buckets * 0.75) buckets *= 2
  return buckets
}

function spread(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0
  return hash ^ (hash >>> 16)
}
