// A document in a job's variables: where its content is, and never the content itself, except for an inline document. Data, and how the
// connector writes it into results.
import type { JsonObject, JsonValue } from '../../job/json.ts'
import { isJsonObject } from '../../job/json.ts'

/** A document, by the kind of its reference. */
export type DocumentReference = CamundaReference | ExternalReference | InlineReference

/** A document in Camunda's document store. */
export interface CamundaReference {
  readonly kind: 'camunda'
  readonly storeId: string | null
  readonly documentId: string | null
  readonly contentHash: string | null
  readonly metadata: CamundaMetadata | null
}

/** Camunda's metadata of a document; null is unset. */
export interface CamundaMetadata {
  readonly contentType: string | null
  /** ISO-8601 in UTC. */
  readonly expiresAt: string | null
  readonly size: JsonValue
  readonly fileName: string | null
  readonly processDefinitionId: string | null
  readonly processInstanceKey: JsonValue
  readonly customProperties: JsonObject | null
}

/** A document behind a URL, fetched without credentials. */
export interface ExternalReference {
  readonly kind: 'external'
  readonly url: string | null
  readonly name: string | null
}

/** A document whose content is in the variables. */
export interface InlineReference {
  readonly kind: 'inline'
  readonly content: string
  readonly name: string
  readonly contentType: string | null
}

export const DOCUMENT_TYPE = 'camunda.document.type'
export const FUNCTION_TYPE = 'camunda.function.type'

/** Whether the value refers to a document. */
export function isDocumentReference(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, DOCUMENT_TYPE)
}

/** Whether the value asks for an intrinsic function. */
export function isIntrinsicFunction(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, FUNCTION_TYPE)
}

/** The reference as the connector writes it into a result. */
export function writeReference(reference: DocumentReference): JsonObject {
  const type = { [DOCUMENT_TYPE]: reference.kind }
  switch (reference.kind) {
    case 'camunda': {
      const { storeId, documentId, contentHash, metadata } = reference
      return { storeId, documentId, contentHash, metadata: metadata && nonEmpty({ ...metadata }), ...type }
    }
    case 'external':
      return { url: reference.url, name: reference.name, ...type }
    case 'inline': {
      const { content, name, contentType } = reference
      return { content, name, ...(contentType === null ? {} : { contentType }), ...type }
    }
  }
}

/** Equal for references to the same content. */
export function referenceKey(reference: DocumentReference): string {
  return JSON.stringify(writeReference(reference))
}

/** Jackson's `NON_EMPTY`: neither null, nor an empty text, nor an empty object. */
function nonEmpty(fields: JsonObject): JsonObject {
  const isFilled = (value: JsonValue) =>
    value !== null && value !== '' && !(isJsonObject(value) && Object.keys(value).length === 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isFilled(value)))
}
