// Binds documents and intrinsic functions wherever a String, an Object or a Document is bound, as the runtime's
// Jackson module does. Pure: what it needs from outside it reads from the supply, which throws where it is missing.
// Throws BindingError and NeedsDocument.
import {
  isJsonObject,
  isList,
  type JsonObject,
  type JsonValue,
  mapItems,
  stringifyJson,
} from '../../job/json.ts'
import { bindString, type Place } from '../bind-scalar.ts'
import { mismatch } from '../binding-error.ts'
import type { Compatibility } from '../compatibility.ts'
import { throughJava } from '../java-number.ts'
import { javaText } from '../java-value-text.ts'
import { bindReference } from './bind-reference.ts'
import type { DocumentBinding } from './document-binding.ts'
import { base64, contentOf } from './document-content.ts'
import {
  type DocumentReference,
  FUNCTION_TYPE,
  isDocumentReference,
  isIntrinsicFunction,
} from './document-reference.ts'
import type { DocumentSupply } from './document-supply.ts'
import type { BoundValue } from './function-arguments.ts'
import { type FunctionResult, runFunction } from './intrinsic-function.ts'

/** How many intrinsic functions one job may ask for (`DocumentModuleSettings`). */
const MAX_FUNCTIONS = 10

/** The binding of one job's documents; it counts functions, so each binding needs its own. */
export function makeDocumentBinding(supply: DocumentSupply, compatibility: Compatibility): DocumentBinding {
  return new Binding(supply, compatibility)
}

class Binding implements DocumentBinding {
  readonly #supply: DocumentSupply
  readonly #compatibility: Compatibility
  #functionsLeft = MAX_FUNCTIONS

  constructor(supply: DocumentSupply, compatibility: Compatibility) {
    this.#supply = supply
    this.#compatibility = compatibility
  }

  text(value: JsonObject, place: Place): string | undefined {
    if (isDocumentReference(value)) {
      const content = contentOf(bindReference(value, place, this.#compatibility), this.#supply)
      // Whatever fails while a job is bound is a fault of its input, to the runtime.
      if (!content.ok) throw mismatch(content.error.message)
      return base64(content.value.bytes)
    }
    if (!isIntrinsicFunction(value)) return undefined
    const result = this.#run(value, place)
    if (typeof result.value === 'string') return result.value
    throw mismatch(`Unsupported operation result, expected a string, got: ${shown(result)}`)
  }

  document(value: JsonValue, place: Place): DocumentReference | null {
    if (value === null) return null
    const [only] = Array.isArray(value) ? value : [value]
    if (Array.isArray(value) && (value.length !== 1 || !isDocumentReference(only))) {
      throw mismatch('Cant bind a multi element document array to a single document.')
    }
    if (isDocumentReference(only)) return bindReference(only, place, this.#compatibility)
    if (isIntrinsicFunction(only)) {
      const result = this.#run(only, place)
      throw mismatch(`Unsupported operation result, expected a document, got: ${shown(result)}`)
    }
    throw mismatch(
      `Unsupported node format, expected either a document reference or an operation, got: ${stringifyJson(throughJava(value))}`,
    )
  }

  object(value: JsonValue, place: Place): JsonValue {
    const bound = this.#any(value, place)
    return bound.kind === 'document' ? {} : bound.value
  }

  /** An Object target: a document, a function's value, or what it is. */
  #any(value: JsonValue, place: Place): BoundValue {
    if (isDocumentReference(value)) {
      return { kind: 'document', reference: bindReference(value, place, this.#compatibility) }
    }
    if (isIntrinsicFunction(value)) return { kind: 'value', ...this.#run(value, place) }
    const before = this.#functionsLeft
    const bound = this.#within(value, place)
    // What a function within it gave may be a document's content.
    return { kind: 'value', value: bound, fromDocument: this.#functionsLeft !== before }
  }

  #within(value: JsonValue, place: Place): JsonValue {
    if (!isList(value) && !isJsonObject(value)) return value
    return mapItems(value, (item) => this.object(item, place))
  }

  #run(value: JsonObject, place: Place): FunctionResult {
    if (this.#functionsLeft <= 0) throw mismatch('Intrinsic function limit exceeded')
    this.#functionsLeft -= 1
    let name: string | null = null
    let params: readonly BoundValue[] | null = null
    for (const [key, item] of Object.entries(value)) {
      const at = { ...place, path: [...place.path, key] }
      if (key === FUNCTION_TYPE) name = bindString(item, at)
      if (key === 'params' && item !== null) {
        params = (Array.isArray(item) ? item : [item]).map((param: JsonValue) => this.#parameter(param, at))
      }
    }
    return runFunction(name, params, { supply: this.#supply, compatibility: this.#compatibility })
  }

  #parameter(value: JsonValue, place: Place): BoundValue {
    const [only] = Array.isArray(value) && value.length === 1 ? value : []
    const bound = this.#any(isDocumentReference(only) ? only : value, place)
    return bound.kind === 'document' ? { ...bound, listed: isDocumentReference(only) } : bound
  }
}

/** A value in a message; what was made from a document's content stays out of it. */
function shown({ value, fromDocument }: FunctionResult): string {
  return fromDocument ? 'a value made from the content of a document' : javaText(value)
}
