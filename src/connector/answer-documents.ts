// What of an answer becomes documents in Camunda's store, as the task's `answerDocument` says. Pure: the store is passed in.
import mime from 'mime'
import { type CallOptions, STOCK_OPTIONS } from '../bedrock/call-options.ts'
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { type ConnectorError, RUNTIME } from './connector-error.ts'
import type { NewDocument, StoreDocument } from './created-documents.ts'
import { tooLargeForVariables } from './output-variables.ts'

/** An answer that is not JSON. */
export interface AnswerFile {
  readonly bytes: Uint8Array
  readonly contentType: string
}

export interface AnswerStore {
  readonly options?: CallOptions
  /** Absent without a document store. */
  readonly storeDocument?: StoreDocument | undefined
}

export type StoredAnswer =
  | { readonly ok: true; readonly response: JsonValue }
  | { readonly ok: false; readonly error: ConnectorError }

/** Text for people: what has to be set so that an answer becomes a document. */
export const SET_ANSWER_DOCUMENT =
  'Set the input data.answerDocument to large or always: the answer then becomes a Camunda document.'

/**
 * Stores what is never a variable: an answer that is not JSON becomes the `body` of the response, and `bytes` of images and other media in
 * its messages become document references. With `always`, stores the rest too.
 * @param file - the answer, if it is not JSON.
 */
export async function storeAnswer(
  response: JsonValue,
  file: AnswerFile | undefined,
  to: AnswerStore,
): Promise<StoredAnswer> {
  const { options: { answerDocument } = STOCK_OPTIONS } = to
  if (file !== undefined) {
    const { bytes, contentType } = file
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const fileName = `answer.${mime.getExtension(contentType) ?? 'bin'}`
    return storing(to, async (store) => withBody(response, await store({ content, fileName, contentType })))
  }
  if (answerDocument === 'never') return { ok: true, response }
  return storing(to, async (store) => {
    const stored = hasBody(response) ? response : await withoutBytes(response, store)
    return answerDocument === 'always' ? packed(stored, store) : stored
  })
}

/** Stores a response that is too large for variables, as far as it is JSON. */
export function packAnswer(response: JsonValue, to: AnswerStore): Promise<StoredAnswer> {
  return storing(to, (store) => packed(response, store))
}

async function storing(
  { storeDocument }: AnswerStore,
  store: (storeDocument: StoreDocument) => Promise<JsonValue>,
): Promise<StoredAnswer> {
  const noStore = () => Promise.reject(new Error('no address of the REST API is set (ZEEBE_REST_ADDRESS)'))
  try {
    return { ok: true, response: await store(storeDocument ?? noStore) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `Bedrock answered, and the call was paid, but its answer could not be stored as a document: ${reason}`
    // Another call would be paid too, and its answer would meet the same store.
    return { ok: false, error: { type: RUNTIME, message, input: true } }
  }
}

function hasBody(response: JsonValue): response is JsonObject {
  return isJsonObject(response) && Object.hasOwn(response, 'body')
}

function withBody(response: JsonValue, body: JsonObject): JsonObject {
  return { ...(isJsonObject(response) ? response : {}), body }
}

/** What a packed result of Converse always keeps. */
const FACTS = [
  'stopReason',
  'usage',
  'metrics',
  'performanceConfig',
  'serviceTier',
  'requestId',
  'model',
  'region',
  'cost',
]
/** What it never keeps. */
const CONVERSATION = new Set(['messages', 'message', 'text'])

/**
 * InvokeModel's `body` becomes a document of JSON. A result of Converse becomes one as a whole, beside its smaller parts: the conversation
 * is only in the document, tool calls and others are beside it unless they are too large.
 */
async function packed(response: JsonValue, store: StoreDocument): Promise<JsonValue> {
  if (hasBody(response)) return withBody(response, await store(jsonDocument(response['body'] ?? null)))
  const document = await store(jsonDocument(response))
  const all = isJsonObject(response) ? Object.entries(response) : []
  const parts = Object.fromEntries(all.filter(([name]) => !CONVERSATION.has(name)))
  const kept = tooLargeForVariables(stringifyJson(parts))
    ? Object.fromEntries(all.filter(([name]) => FACTS.includes(name)))
    : parts
  return { document, ...kept }
}

function jsonDocument(value: JsonValue): NewDocument {
  const content = Buffer.from(stringifyJson(value))
  return { content, fileName: 'answer.json', contentType: 'application/json' }
}

/** What a model or a diagram made up, in messages and beside them: it is never a source. */
const VERBATIM = new Set(['toolUse', 'toolCalls', 'json', 'trace', 'additionalModelResponseFields'])

/** The response with a document reference for each `source.bytes` in base64. */
async function withoutBytes(response: JsonValue, store: StoreDocument): Promise<JsonValue> {
  const files = new Map<string, string>()
  findBytes(response, 'file', files)
  const references = new Map<string, JsonObject>()
  for (const [bytes, fileName] of files) {
    const content = Buffer.from(bytes, 'base64')
    references.set(bytes, await store({ content, fileName, contentType: null }))
  }
  return references.size === 0 ? response : withReferences(response, references)
}

/** Adds the file name for each `source.bytes`. @param kind - of the block, such as `image`. */
function findBytes(value: JsonValue, kind: string, files: Map<string, string>): void {
  if (Array.isArray(value)) for (const item of value) findBytes(item, kind, files)
  if (!isJsonObject(value)) return
  const bytes = bytesOf(value)
  if (bytes !== null) files.set(bytes, `${kind}.${endingOf(value['format'])}`)
  else for (const [name, item] of Object.entries(value)) if (!VERBATIM.has(name)) findBytes(item, name, files)
}

function bytesOf({ source }: JsonObject): string | null {
  const bytes = isJsonObject(source) ? source['bytes'] : undefined
  return typeof bytes === 'string' ? bytes : null
}

function endingOf(format: JsonValue | undefined): string {
  if (format === 'three_gp') return '3gp'
  return typeof format === 'string' && /^\w+$/.test(format) ? format : 'bin'
}

function withReferences(value: JsonValue, references: ReadonlyMap<string, JsonObject>): JsonValue {
  if (!isJsonObject(value) && !Array.isArray(value)) return value
  const reference = isJsonObject(value) ? references.get(bytesOf(value) ?? '') : undefined
  if (reference === undefined) return mapMembers(value, (item) => withReferences(item, references))
  const { source } = value as JsonObject
  return { ...(value as JsonObject), source: { ...(source as JsonObject), bytes: reference } }
}

function mapMembers(
  value: JsonObject | readonly JsonValue[],
  change: (item: JsonValue) => JsonValue,
): JsonValue {
  if (!isJsonObject(value)) return value.map(change)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, VERBATIM.has(name) ? item : change(item)]),
  )
}
