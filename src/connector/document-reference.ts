// Recognises references to documents and the connector's intrinsic functions in a job's variables. Nothing is
// downloaded or computed yet: where a value would have to be, the job fails and says so.
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { type BindingError, type BindingPath, mismatch } from './binding-error.ts'
import { throughJava } from './java-number.ts'

const DOCUMENT = 'camunda.document.type'
const FUNCTION = 'camunda.function.type'

/** Whether the value refers to a document. */
export function isDocumentReference(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, DOCUMENT)
}

/** Whether the value asks for an intrinsic function. */
export function isIntrinsicFunction(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, FUNCTION)
}

/**
 * @throws BindingError when the value is a document reference or an intrinsic function.
 */
export function refuseDocuments(value: JsonObject, path: BindingPath): void {
  const field = path.filter((name) => name !== null).join('.')
  if (isDocumentReference(value)) throw notSupported('documents', field)
  if (isIntrinsicFunction(value)) throw notSupported('intrinsic functions', field)
}

/**
 * Where a document is wanted and something is given.
 * @throws BindingError always.
 */
export function refuseDocument(value: JsonValue, path: BindingPath): never {
  if (Array.isArray(value)) {
    const [only] = value
    if (value.length === 1 && isDocumentReference(only)) refuseDocuments(only, path)
    throw mismatch('Cant bind a multi element document array to a single document.')
  }
  if (isJsonObject(value)) refuseDocuments(value, path)
  throw mismatch(
    `Unsupported node format, expected either a document reference or an operation, got: ${stringifyJson(throughJava(value))}`,
  )
}

/** A payload as it is sent: a document in it becomes `{}`, as the Java connector writes it. */
export function payloadWithoutDocuments(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(payloadWithoutDocuments)
  if (isDocumentReference(value)) return {}
  if (!isJsonObject(value)) return value
  refuseDocuments(value, ['data', 'payload'])
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, payloadWithoutDocuments(item)]))
}

function notSupported(what: string, field: string): BindingError {
  return mismatch(`${what} are not supported yet: take the one in '${field}' out of the task's input`)
}
