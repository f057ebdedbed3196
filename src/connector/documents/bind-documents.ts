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
import { BindingError, mismatch } from '../binding-error.ts'
import type { Compatibility } from '../compatibility.ts'
import { inputError } from '../connector-error.ts'
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
import type { DocumentSupply, GatheredNeeds } from './document-supply.ts'
import type { BoundValue } from './function-arguments.ts'
import { type FunctionResult, runFunction } from './intrinsic-function.ts'

/** How many intrinsic functions one job may ask for (`DocumentModuleSettings`). */
const MAX_FUNCTIONS = 10

/**
 * How many documents one job may have. Bedrock takes 20 images and 5 documents in a message; without a limit here a job
 * could have this process fetch 10,000 before it is refused.
 */
export const MAX_DOCUMENTS = 100

/** Thrown for a job with more: nothing of it is fetched, whatever comes before. */
export class TooManyDocuments extends BindingError {
  constructor() {
    super(
      inputError(
        `The job has more than ${MAX_DOCUMENTS} documents, the most that Quarry reads for one call; Bedrock takes 20 images and 5 documents in a message. Give it fewer, or divide the task.`,
      ),
    )
  }
}

/** What stands for a text or a document that is to be fetched first. */
const TEXT = 'x'
const DOCUMENT: DocumentReference = { kind: 'inline', content: '', name: 'x.txt', contentType: null }

/** The binding of one job's documents; it counts functions, so each binding needs its own. */
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
  /** How many functions and references it is in, of which nothing can be made as long as something of them is not there. */
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
      // Whatever fails while a job is bound is a fault of its input, to the runtime.
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

  /** An Object target: a document, a function's value, or what it is. */
  #any(value: JsonValue, place: Place): BoundValue {
    if (isDocumentReference(value)) {
      return { kind: 'document', reference: this.#reference(value, place) }
    }
    if (isIntrinsicFunction(value)) return { kind: 'value', ...this.#run(value, place) }
    const before = this.#functionsLeft
    const bound = this.#parts(value, place)
    // What a function within it gave may be a document's content.
    return { kind: 'value', value: bound, fromDocument: this.#functionsLeft !== before }
  }

  #parts(value: JsonValue, place: Place): JsonValue {
    if (!isList(value) && !isJsonObject(value)) return value
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

/** A value in a message; what was made from a document's content stays out of it. */
function shown({ value, fromDocument }: FunctionResult): string {
  return fromDocument ? 'a value made from the content of a document' : javaText(value)
}
