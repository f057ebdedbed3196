// The part of document binding that scalars and beans need: any value in a job's variables may be a document reference, or a function of
// one. Only an interface, so that scalars do not depend on how documents are bound.
import type { JsonObject, JsonValue } from '../../job/json.ts'
import type { Place } from '../bind-scalar.ts'
import type { DocumentReference } from './document-reference.ts'

/** Binds documents and intrinsic functions of one job. Throws BindingError and NeedsDocument. */
export interface DocumentBinding {
  /** A String target: base64 of a document, or a function's text; undefined if the object is neither. */
  text(value: JsonObject, place: Place): string | undefined
  /** A Document target. */
  document(value: JsonValue, place: Place): DocumentReference | null
  /** An Object target, as the connector writes it into a request: a document becomes `{}`. */
  object(value: JsonValue, place: Place): JsonValue
}
