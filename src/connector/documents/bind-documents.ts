// Binds documents and intrinsic functions wherever a String, an Object or a Document is bound, like the runtime's Jackson module. Pure:
// reads what it needs from outside from the supply, which throws if it is missing. Throws BindingError and NeedsDocument.
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  mapItems,
  stringifyJson,
} from '../../job/json.ts'
import type { DocumentBinding } from '../bind-scalar.ts'
import { bindString, type Place } from '../bind-scalar.ts'
import { BindingError, mismatch } from '../binding-error.ts'
import type { Compatibility } from '../compatibility.ts'
import { inputError } from '../connector-error.ts'
import { throughJava } from '../java-number.ts'
import { javaText } from '../java-value-text.ts'
import { bindReference } from './bind-reference.ts'
import {
  type DocumentReference,
  FUNCTION_TYPE,
  isDocumentReference,
  isIntrinsicFunction,
} from './document-reference.ts'
import { base64, contentOf, type DocumentSupply, type GatheredNeeds } from './document-supply.ts'
import type { BoundValue } from './function-arguments.ts'
import { type FunctionResult, runFunction } from './intrinsic-function.ts'

/** Most intrinsic functions of one job (`DocumentModuleSettings`). */
const MAX_FUNCTIONS = 10

/**
 * Most documents of one job. Bedrock takes 20 images and 5 documents in a message; without a limit a job could have this process fetch
 * 10,000 documents before Bedrock refuses it.
 */
export const MAX_DOCUMENTS = 100

/** Thrown for a job with more documents. Takes precedence over other faults, and nothing is fetched. */
export class TooManyDocuments extends BindingError {
  constructor() {
    super(
      inputError(
        `The job has more than ${MAX_DOCUMENTS} documents, the most that Quarry reads for one call; Bedrock takes 20 images and 5 documents in a message. Give it fewer, or divide the task.`,
      ),
    )
  }
}

/** Placeholder for a text or a document that must be fetched first. */
const TEXT = 'x'
const DOCUMENT: DocumentReference = { kind: 'inline', content: '', name: 'x.txt', contentType: null }

/** Binds the documents of one job. It counts functions, so each binding needs its own. */
export function makeDocumentBinding(
  supply: DocumentSupply,
  compatibility: Compatibility,
  needs: GatheredNeeds,
): DocumentBinding {
  return new Binding(supply, compatibility, needs)
}

class Binding implements DocumentBinding {
  readonly #supply: DocumentSupply
  readonly #compatibility: Compatibility
  readonly #needs: GatheredNeeds
  #functionsLeft = MAX_FUNCTIONS
  #documentsLeft = MAX_DOCUMENTS
  /** Depth of nested functions and references; none of them can be made while one of their parts is missing. */
  #within = 0

  constructor(supply: DocumentSupply, compatibility: Compatibility, needs: GatheredNeeds) {
    this.#supply = supply
    this.#compatibility = compatibility
    this.#needs = needs
  }

  text(value: JsonObject, place: Place): string | undefined {
    return this.#met(() => this.#text(value, place), TEXT)
  }

  document(value: JsonValue, place: Place): DocumentReference | null {
    return this.#met(() => this.#document(value, place), DOCUMENT)
  }

  object(value: JsonValue, place: Place): JsonValue {
    return this.#met(() => {
      const bound = this.#any(value, place)
      return bound.kind === 'document' ? {} : bound.value
    }, null)
  }

  #met<Bound>(bind: () => Bound, placeholder: Bound): Bound {
    return this.#within > 0 ? bind() : this.#needs.meet(bind, placeholder)
  }

  #inside<Bound>(bind: () => Bound): Bound {
    this.#within += 1
    try {
      return bind()
    } finally {
      this.#within -= 1
    }
  }

  #reference(value: JsonObject, place: Place): DocumentReference {
    return this.#inside(() => bindReference(value, place, this.#compatibility))
  }

  #countDocument(): void {
    if (this.#documentsLeft <= 0) throw new TooManyDocuments()
    this.#documentsLeft -= 1
  }

  #text(value: JsonObject, place: Place): string | undefined {
    if (isDocumentReference(value)) {
      this.#countDocument()
      const content = contentOf(this.#reference(value, place), this.#supply)
      // For the runtime, any failure while a job is bound is a fault of its input.
      if (!content.ok) throw mismatch(content.error.message)
      return base64(content.value.bytes)
    }
    if (!isIntrinsicFunction(value)) return undefined
    const result = this.#run(value, place)
    if (typeof result.value === 'string') return result.value
    throw mismatch(`Unsupported operation result, expected a string, got: ${shown(result)}`)
  }

  #document(value: JsonValue, place: Place): DocumentReference | null {
    if (value === null) return null
    const [only] = Array.isArray(value) ? value : [value]
    if (Array.isArray(value) && (value.length !== 1 || !isDocumentReference(only))) {
      throw mismatch('Cant bind a multi element document array to a single document.')
    }
    if (isDocumentReference(only)) {
      this.#countDocument()
      return this.#reference(only, place)
    }
    if (isIntrinsicFunction(only)) {
      const result = this.#run(only, place)
      throw mismatch(`Unsupported operation result, expected a document, got: ${shown(result)}`)
    }
    throw mismatch(
      `Unsupported node format, expected either a document reference or an operation, got: ${stringifyJson(throughJava(value))}`,
    )
  }

  /** An Object target: a document, a function's value, or the value itself. */
  #any(value: JsonValue, place: Place): BoundValue {
    if (isDocumentReference(value)) {
      return { kind: 'document', reference: this.#reference(value, place) }
    }
    if (isIntrinsicFunction(value)) return { kind: 'value', ...this.#run(value, place) }
    const before = this.#functionsLeft
    const bound = this.#parts(value, place)
    // The result of a nested function may be a document's content.
    return { kind: 'value', value: bound, fromDocument: this.#functionsLeft !== before }
  }

  #parts(value: JsonValue, place: Place): JsonValue {
    if (!isJsonArray(value) && !isJsonObject(value)) return value
    return mapItems(value, (item) => this.object(item, place))
  }

  #run(value: JsonObject, place: Place): FunctionResult {
    return this.#inside(() => this.#runFunction(value, place))
  }

  #runFunction(value: JsonObject, place: Place): FunctionResult {
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

/** A value for a message, without what was made from a document's content. */
function shown({ value, fromDocument }: FunctionResult): string {
  return fromDocument ? 'a value made from the content of a document' : javaText(value)
}
