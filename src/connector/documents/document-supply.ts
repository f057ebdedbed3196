// What binding needs from outside for documents: contents, links, values of expressions. Binding is pure and reads from here. It asks for
// what is missing by throwing, and starts again once that is supplied.
import type { JsonObject, JsonValue } from '../../job/json.ts'
import { stringifyJson } from '../../job/json.ts'
import type { ConnectorError } from '../connector-error.ts'
import {
  type CamundaReference,
  type DocumentReference,
  type ExternalReference,
  referenceKey,
} from './document-reference.ts'

/** Something from outside. */
export type DocumentNeed =
  | { readonly kind: 'content'; readonly reference: CamundaReference | ExternalReference }
  | { readonly kind: 'link'; readonly reference: CamundaReference; readonly timeToLiveMs: number | null }
  | { readonly kind: 'evaluation'; readonly expression: string; readonly context: JsonObject }

/** A document's content and what came with it. */
export interface DocumentContent {
  readonly bytes: Uint8Array
  /** Name and type from the server; null for documents of Camunda, whose reference has them. */
  readonly fileName: string | null
  readonly contentType: string | null
}

/** Something from outside, or why it could not be had. */
export type Supplied<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ConnectorError }

/** Thrown while a job is bound, when something from outside was not supplied yet. */
export class NeedsDocument extends Error {
  override readonly name = 'NeedsDocument'
  /** At least one, in the order in which they are needed. */
  readonly needs: readonly DocumentNeed[]

  constructor(needs: readonly DocumentNeed[]) {
    super(`A job's documents need this first: ${needs.map(({ kind }) => kind).join(', ')}`)
    this.needs = needs
  }
}

/**
 * What one binding pass misses. The pass continues with placeholders, so that everything is fetched at once. Its result is discarded, with
 * its faults: something that is fetched may fail before them.
 */
export class GatheredNeeds {
  readonly #needs = new Map<string, DocumentNeed>()

  /** Runs `work`; gives `placeholder` if something is missing. */
  meet<Result>(work: () => Result, placeholder: Result): Result {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof NeedsDocument)) throw error
      for (const need of error.needs) this.#needs.set(needKey(need), need)
      return placeholder
    }
  }

  /** @throws NeedsDocument if something was missing. */
  check(): void {
    if (this.#needs.size > 0) throw new NeedsDocument([...this.#needs.values()])
  }
}

/** Everything in a {@link DocumentSupply}, by its keys. */
interface SuppliedParts {
  readonly contents: readonly (readonly [key: string, content: Supplied<DocumentContent>])[]
  readonly values: readonly (readonly [key: string, value: Supplied<JsonValue>])[]
}

/** What was supplied for one job. */
export class DocumentSupply {
  readonly #contents: Map<string, Supplied<DocumentContent>>
  readonly #values: Map<string, Supplied<JsonValue>>

  constructor({ contents, values }: SuppliedParts = { contents: [], values: [] }) {
    this.#contents = new Map(contents)
    this.#values = new Map(values)
  }

  parts(): SuppliedParts {
    return { contents: [...this.#contents], values: [...this.#values] }
  }

  /** @throws NeedsDocument when it is missing. */
  content(reference: CamundaReference | ExternalReference): Supplied<DocumentContent> {
    return this.#contents.get(referenceKey(reference)) ?? ask({ kind: 'content', reference })
  }

  /** A link, or the value of an expression. @throws NeedsDocument when it is missing. */
  value(need: Exclude<DocumentNeed, { kind: 'content' }>): Supplied<JsonValue> {
    return this.#values.get(valueKey(need)) ?? ask(need)
  }

  addContent(reference: CamundaReference | ExternalReference, content: Supplied<DocumentContent>): void {
    this.#contents.set(referenceKey(reference), content)
  }

  addValue(need: Exclude<DocumentNeed, { kind: 'content' }>, value: Supplied<JsonValue>): void {
    this.#values.set(valueKey(need), value)
  }
}

/** A content from its reference, or from the supply. @throws NeedsDocument when it must be fetched first. */
export function contentOf(reference: DocumentReference, supply: DocumentSupply): Supplied<DocumentContent> {
  if (reference.kind !== 'inline') return supply.content(reference)
  const bytes = new TextEncoder().encode(reference.content)
  return { ok: true, value: { bytes, fileName: null, contentType: null } }
}

/** Base64 as Java's encoder gives it. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function ask(need: DocumentNeed): never {
  throw new NeedsDocument([need])
}

function needKey(need: DocumentNeed): string {
  return need.kind === 'content' ? `content ${referenceKey(need.reference)}` : valueKey(need)
}

function valueKey(need: Exclude<DocumentNeed, { kind: 'content' }>): string {
  if (need.kind === 'link') return `link ${need.timeToLiveMs} ${referenceKey(need.reference)}`
  return `evaluation ${stringifyJson([need.expression, need.context])}`
}
