// The arguments of one intrinsic function, bound to Java types like in the runtime, and how the runtime prints them when the function
// fails. Throws BindingError and NeedsDocument.
import { formatDuration, parseDuration } from '../../job/duration.ts'
import { isJsonObject, type JsonValue, numberText } from '../../job/json.ts'
import { mismatch } from '../binding-error.ts'
import type { Compatibility } from '../compatibility.ts'
import { javaNumberText } from '../java-number.ts'
import { isBlank } from '../java-text.ts'
import { javaText } from '../java-value-text.ts'
import { type DocumentReference, referenceKey } from './document-reference.ts'
import { base64, contentOf, type DocumentSupply } from './document-supply.ts'

/** A value of Java type Object. */
export type BoundValue =
  | {
      readonly kind: 'document'
      readonly reference: DocumentReference
      /** Whether it is the only element of a list, which only a Document parameter accepts. */
      readonly listed?: boolean
    }
  | {
      readonly kind: 'value'
      readonly value: JsonValue
      /** Whether it was made from a document's content, which no message may show. */
      readonly fromDocument: boolean
    }

/** Where functions get documents. */
export interface DocumentAccess {
  readonly supply: DocumentSupply
  readonly compatibility: Compatibility
}

const DOCUMENT = 'interface io.camunda.connector.api.document.Document'
const DOCUMENT_CLASSES = {
  camunda: 'CamundaDocument',
  external: 'ExternalDocument',
  inline: 'InlineDocument',
} as const

/** Takes the arguments one by one, in the order of the function's parameters. */
export class FunctionArguments {
  readonly #given: readonly BoundValue[]
  readonly #access: DocumentAccess
  readonly #shown: string[] = []

  constructor(given: readonly BoundValue[], access: DocumentAccess) {
    this.#given = given
    this.#access = access
  }

  /** A parameter of type Object. */
  object(): BoundValue {
    return this.#required('class java.lang.Object')
  }

  /** A parameter of type Document; null for null. */
  document(): DocumentReference | null {
    const given = this.#required(DOCUMENT)
    if (given.kind === 'document') return given.reference
    if (given.value === null) return null
    this.#shown.pop()
    throw this.#unfit(DOCUMENT)
  }

  /** An optional parameter of type String. */
  optionalText(): string | null {
    const given = this.#given[this.#shown.length]
    const text = given === undefined ? null : this.#text(given)
    if (text === undefined) throw this.#unfit('class java.lang.String')
    this.#shown.push(given === undefined || text === null ? 'null' : shown(given))
    return text
  }

  /** An optional parameter of type Duration: ISO-8601, or a number of seconds. */
  optionalDurationMs(): number | null {
    const given = this.#given[this.#shown.length]
    const written = given?.kind === 'value' ? given.value : null
    const value = typeof written === 'string' && isBlank(written) ? null : written
    const seconds = numberText(value)
    const durationMs =
      seconds !== null
        ? Math.trunc(Number(seconds) * 1000)
        : typeof value === 'string'
          ? parseDuration(value)
          : null
    if (durationMs === null && (value !== null || given?.kind === 'document')) {
      throw this.#unfit('class java.time.Duration')
    }
    this.#shown.push(durationMs === null ? 'null' : formatDuration(durationMs))
    return durationMs
  }

  /** The arguments taken so far, as `Arrays.toString` prints them. */
  toString(): string {
    return `[${this.#shown.join(', ')}]`
  }

  #required(type: string): BoundValue {
    const index = this.#shown.length
    const given = this.#given[index]
    if (given === undefined) throw mismatch(`Parameter at index ${index} is required but not provided`)
    // 8.8 serialises each document to bind it, and cannot serialise external ones.
    const isExternal = given.kind === 'document' && given.reference.kind === 'external'
    if (isExternal && this.#access.compatibility === '8.8') throw this.#unfit(type)
    this.#shown.push(shown(given))
    return given
  }

  /** @returns undefined when it cannot be a text. */
  #text(given: BoundValue): string | null | undefined {
    if (given.kind === 'document') {
      const content = contentOf(given.reference, this.#access.supply)
      return content.ok ? base64(content.value.bytes) : undefined
    }
    const [only] = Array.isArray(given.value) && given.value.length === 1 ? given.value : [given.value]
    const value: JsonValue = only ?? null
    const number = numberText(value)
    if (number !== null) return javaNumberText(number)
    if (Array.isArray(value) || isJsonObject(value)) return undefined
    return value === null ? null : String(value)
  }

  #unfit(type: string): Error {
    const index = this.#shown.length
    return mismatch(`Failed to convert parameter arg${index} at index ${index} to type ${type}`)
  }
}

function shown(given: BoundValue): string {
  if (given.kind === 'value') return given.fromDocument ? 'the content of a document' : javaText(given.value)
  const text = `io.camunda.connector.runtime.core.document.${DOCUMENT_CLASSES[given.reference.kind]}@${identity(given.reference)}`
  return given.listed === true ? `[${text}]` : text
}

/** Java prints an address of the object here. Any number will do, if it is the same for the same document. */
function identity(reference: DocumentReference): string {
  let hash = 0
  for (const char of referenceKey(reference)) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0
  return hash.toString(16)
}
