// JSON to FEEL, as the engine converts what Jackson read: a number with a fraction becomes a double first. An object becomes
// a context that converts its entries when they are read: most expressions read one path of a long answer.
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import type { Budget } from './budget.ts'
import { decimal, fromDouble } from './decimal.ts'
import { inScalaOrder } from './map-order.ts'
import { FeelContext, type Value, type Variables } from './value.ts'

/** A double too large for Java is null. */
export function fromJson(value: JsonValue, budget: Budget | null = null): Value {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (Array.isArray(value)) {
    budget?.spend(value.length)
    return value.map((item) => fromJson(item, budget))
  }
  if (isJsonObject(value)) return new JsonContext(value, budget)
  const text = numberText(value) ?? 'null'
  budget?.spend(1 + text.length ** 2 / 1000)
  return /^-?\d+$/.test(text) ? decimal(text) : fromDouble(Number(text))
}

const NO_ENTRIES: Variables = new Map()

/** A JSON object as a context. */
export class JsonContext extends FeelContext {
  readonly #object: JsonObject
  readonly #budget: Budget | null
  readonly #read = new Map<string, Value>()
  #all: Variables | null = null

  constructor(object: JsonObject, budget: Budget | null = null) {
    super(NO_ENTRIES)
    this.#object = object
    this.#budget = budget
  }

  override get(key: string): Value | undefined {
    const known = this.#read.get(key)
    if (known !== undefined || !Object.hasOwn(this.#object, key)) return known
    const value = fromJson(this.#object[key] ?? null, this.#budget)
    this.#read.set(key, value)
    return value
  }

  override get variables(): Variables {
    if (this.#all === null) {
      const keys = Object.keys(this.#object)
      this.#budget?.spend(keys.length)
      this.#all = inScalaOrder(keys.map((key) => [key, this.get(key) ?? null] as const))
    }
    return this.#all
  }
}
