// JSON to FEEL, as the engine takes over what Jackson has read: a number with a fraction is a double first. Pure.
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { decimal, fromDouble } from './decimal.ts'
import { FeelContext, type Value } from './value.ts'

/** A double too large for Java is null. */
export function fromJson(value: JsonValue): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(fromJson)
  if (isJsonObject(value)) return new FeelContext(variablesOf(value))
  const text = numberText(value) ?? 'null'
  return /^-?\d+$/.test(text) ? decimal(text) : fromDouble(Number(text))
}

/** The variables of an object. */
export function variablesOf(object: JsonObject): ReadonlyMap<string, Value> {
  return new Map(Object.entries(object).map(([key, item]) => [key, fromJson(item)]))
}
