// Documents that `createDocument` makes in a result or error expression (8.10, contract 3.4): found in the expression's value, stored, and
// replaced by references. Pure: the store is passed in.
import { Buffer } from 'node:buffer'
import { isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import { type ConnectorError, inputError, javaError, RUNTIME } from './connector-error.ts'
import { isBlank } from './java-text.ts'

/** A document to be stored. */
export interface NewDocument {
  readonly content: Buffer
  /** Null for a random name. */
  readonly fileName: string | null
  /** Null for the type that the name suggests. */
  readonly contentType: string | null
}

/**
 * Stores a document and returns its reference.
 * @throws Error (rejects) when it could not be stored; the message says why.
 */
export type StoreDocument = (document: NewDocument) => Promise<JsonObject>

export type WithDocuments =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: ConnectorError }

/** The key with which FEEL's `createDocument` marks its objects. */
const MARK_KEY = 'connectorResultFunction'

/** The value with a reference in each marked place. Nothing is stored unless all documents are valid. */
export async function storeDocuments(
  value: JsonValue,
  mark: string,
  store: StoreDocument,
): Promise<WithDocuments> {
  const asked: JsonObject[] = []
  find(value, mark, asked)
  if (asked.length === 0) return { ok: true, value }
  if (asked[0] === value) {
    return refused(
      'createDocument() must stand inside of an object: give it a name, as in {file: createDocument(…)}',
    )
  }
  const documents = asked.map((object) => readDocument(object['value'] ?? null))
  const wrong = documents.find((document) => typeof document === 'string')
  if (typeof wrong === 'string') return refused(wrong)
  const references = new Map<JsonObject, JsonObject>()
  for (const [index, document] of documents.entries()) {
    const object = asked[index]
    if (typeof document === 'string' || object === undefined) continue
    try {
      references.set(object, await store(document))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return {
        ok: false,
        error: javaError(RUNTIME, `createDocument() could not store a document: ${reason}`),
      }
    }
  }
  return { ok: true, value: replaced(value, references) }
}

function refused(message: string): WithDocuments {
  return { ok: false, error: inputError(message) }
}

function find(value: JsonValue, mark: string, found: JsonObject[]): void {
  if (isJsonObject(value) && value[MARK_KEY] === mark) found.push(value)
  else for (const part of partsOf(value)) find(part, mark, found)
}

function partsOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value
  return isJsonObject(value) ? Object.values(value) : []
}

function replaced(value: JsonValue, references: ReadonlyMap<JsonObject, JsonObject>): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => replaced(item, references))
  if (!isJsonObject(value)) return value
  const reference = references.get(value)
  if (reference !== undefined) return reference
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, references)]))
}

/** The document, or what is wrong with the request for it. */
function readDocument(value: JsonValue): NewDocument | string {
  if (value === null) return 'createDocument() was called without a value to convert into a document'
  if (typeof value === 'string') return decoded(value, { fileName: null, contentType: null })
  if (!isJsonObject(value)) return 'createDocument() expects a string or an object argument'
  const content = [value['content'], value['data']].find((part) => typeof part === 'string')
  if (content === undefined) {
    return "createDocument() requires a 'content' or 'data' field containing a base64-encoded string"
  }
  return decoded(content, {
    fileName: named(value, 'name', 'fileName'),
    contentType: named(value, 'contentType'),
  })
}

function named(value: JsonObject, ...keys: readonly string[]): string | null {
  const texts = keys.map((key) => value[key]).filter((text) => typeof text === 'string')
  return texts.find((text) => !isBlank(text)) ?? null
}

function decoded(
  content: string,
  about: { fileName: string | null; contentType: string | null },
): NewDocument | string {
  const base64 = content.replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return "createDocument() 'content'/'data' is not valid base64"
  return { content: Buffer.from(base64, 'base64'), ...about }
}
