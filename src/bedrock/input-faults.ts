// Checks a task's own inputs by their description (inputs.ts), before anything is paid. Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import type { ActionName, InputKind } from './input.ts'
import { dataKinds } from './inputs.ts'
import { textList } from './text-list.ts'

/**
 * `path: reason` for each input that has none of its forms; a member that is not described passes.
 * @param own - the inputs of `data` that the stock connector has not, without absent and blank ones.
 */
export function inputFaults(action: ActionName, own: JsonObject): readonly string[] {
  if (Object.keys(own).length === 0) return []
  const faults: string[] = []
  for (const [path, kinds] of dataKinds(action)) {
    const value = valueAt(own, path)
    if (value === undefined || value === null || value === '') continue
    if (!kinds.some((kind) => fits(value, kind)))
      faults.push(`${path}: must be ${kinds.map(shown).join(', or ')}`)
  }
  return faults
}

function valueAt(own: JsonObject, path: string): JsonValue | undefined {
  return path
    .split('.')
    .reduce<JsonValue | undefined>((value, name) => (isJsonObject(value) ? value[name] : undefined), own)
}

/** Fields of a template may give texts for numbers and booleans. */
function fits(value: JsonValue, kind: InputKind): boolean {
  switch (kind.kind) {
    case 'text':
      return typeof value === 'string' || numberText(value) !== null
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false'
    case 'list':
      return isJsonArray(value)
    case 'object':
      return isJsonObject(value)
    case 'json':
      return true
    case 'integer':
    case 'number': {
      const number = Number(numberText(value) ?? (typeof value === 'string' ? value : Number.NaN))
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = kind
      return number >= min && number <= max && (kind.kind === 'number' || Number.isInteger(number))
    }
    case 'choice':
      return typeof value === 'string' && kind.values.includes(value)
    case 'choices':
      return textList(value)?.every((item) => kind.others || kind.values.includes(item)) ?? false
  }
}

function shown(kind: InputKind): string {
  switch (kind.kind) {
    case 'text':
      return 'a text'
    case 'boolean':
      return 'true or false'
    case 'list':
      return 'a list'
    case 'object':
      return 'an object'
    case 'json':
      return 'any value'
    case 'integer':
    case 'number': {
      const what = kind.kind === 'integer' ? 'a whole number' : 'a number'
      if (kind.min !== undefined && kind.max !== undefined) return `${what} from ${kind.min} to ${kind.max}`
      return kind.min === undefined ? what : `${what} of ${kind.min} or more`
    }
    case 'choice':
      return `one of ${kind.values.join(', ')}`
    case 'choices':
      return kind.others ? 'a list of texts' : `a list of ${kind.values.join(', ')}`
  }
}
