// Binds the inputs that the stock connector has not (docs/adr/0014): Bedrock's own JSON, kept as it is. Wherever a value may hold bytes, a
// document reference becomes its content in base64, and a function its value. Throws BindingError, NestingError and NeedsDocument.
import { asBlock, contentItems, sendable } from '../bedrock/content-block.ts'
import type { ActionName } from '../bedrock/input.ts'
import { ownInputs, withoutAbsent } from '../bedrock/inputs.ts'
import { isResultBlock } from '../bedrock/tool-results.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, mapItems } from '../job/json.ts'
import type { Place } from './bind-scalar.ts'
import { blockOfDocument, documentFacts } from './documents/document-facts.ts'
import { isDocumentReference, isIntrinsicFunction } from './documents/document-reference.ts'
import { MAX_DEPTH, NestingError } from './java-number.ts'
import { isBlank } from './java-text.ts'

/** The inputs of one action, without absent and blank ones. */
export interface OwnInputs {
  /** As the diagram gave them. */
  readonly given: JsonObject
  /** With the contents of documents in base64. */
  readonly sent: JsonObject
}

/** A block of content in Bedrock's form. */
export interface OwnBlock {
  /** As it came; the result repeats it. */
  readonly block: JsonObject
  /** As it is sent. */
  readonly sent: JsonObject
}

export const NO_OWN_INPUTS: OwnInputs = { given: {}, sent: {} }

/** @param properties - all of `data`. */
export function bindOwnInputs(action: ActionName, properties: JsonObject, place: Place): OwnInputs {
  const names = ownInputs(action)
  const own = Object.entries(properties)
    .filter(([name, value]) => names.has(name) && isGiven(value))
    .map(([name, value]) => [name, WITH_BLOCKS[name]?.(value) ?? value])
  if (own.length === 0) return NO_OWN_INPUTS
  const given = Object.entries(withoutAbsent(action, Object.fromEntries(own)))
  if (given.length === 0) return NO_OWN_INPUTS
  return {
    given: Object.fromEntries(given),
    sent: Object.fromEntries(
      given.map(([name, value]) => [name, withContents(value, within(place, name), 0)]),
    ),
  }
}

/** References to documents, in place of blocks, become the blocks of their kinds. */
const WITH_BLOCKS: Readonly<Record<string, (value: JsonValue) => JsonValue>> = {
  newContent: (content) => contentItems(content).map(documentAsBlock),
  toolResults: (results) => contentItems(results).map(withResultBlocks),
}

function documentAsBlock(item: JsonValue): JsonValue {
  return isDocumentReference(item) ? blockOfDocument(item) : item
}

/** What a tool gave is under `content` or `result`; a reference within a value of another form is part of that value. */
function withResultBlocks(result: JsonValue): JsonValue {
  if (!isJsonObject(result)) return result
  const { toolResult } = result
  if (toolResult !== undefined) return { ...result, toolResult: withResultBlocks(toolResult) }
  const names = ['content', 'result'].filter((name) => Object.hasOwn(result, name))
  return {
    ...result,
    ...Object.fromEntries(names.map((name) => [name, resultContent(result[name] ?? null)])),
  }
}

function resultContent(value: JsonValue): JsonValue {
  const items = contentItems(value)
  const areBlocks = items.every((item) => isDocumentReference(item) || isResultBlock(item))
  return areBlocks && items.some(isDocumentReference) ? items.map(documentAsBlock) : value
}

/** An expression of an optional input gives null, or a blank text, for nothing. */
export function isGiven(value: JsonValue): boolean {
  return value !== null && !(typeof value === 'string' && isBlank(value))
}

/** Whether a piece of a stock `contentList` is a block in Bedrock's form: neither a text nor a document reference, but something. */
export function isOwnBlock(value: JsonValue): value is JsonObject {
  if (!isJsonObject(value) || Object.keys(value).length === 0) return false
  if ((value['text'] ?? null) !== null) return false
  const document = value['document'] ?? null
  if (document !== null) return isJsonObject(document) && Object.hasOwn(document, 'source')
  return Object.keys(value).some((name) => name !== 'text' && name !== 'document')
}

export function bindBlock(block: JsonObject, place: Place): OwnBlock {
  const sent = sendable(blockWithContents(block, place))
  return { block, sent: isJsonObject(sent) ? sent : block }
}

/** The blocks of a message as they are sent. */
export function bindBlocks(blocks: readonly JsonValue[], place: Place): readonly JsonValue[] {
  return blocks.map((block) => sendable(blockWithContents(asBlock(documentAsBlock(block)), place)))
}

/**
 * A model wrote the arguments in a `toolUse`: nothing in them is a reference or a function, whatever it looks like. Otherwise a prompt could
 * have the model name a document that nobody gave it, and be sent its content.
 */
function blockWithContents(block: JsonValue, place: Place): JsonValue {
  if (!isJsonObject(block) || !Object.hasOwn(block, 'toolUse')) return withContents(block, place, 0)
  checkDepth(block, 0)
  return block
}

function checkDepth(value: JsonValue, depth: number): void {
  if (!isJsonArray(value) && !isJsonObject(value)) return
  if (depth >= MAX_DEPTH) throw new NestingError()
  for (const item of Object.values(value)) checkDepth(item, depth + 1)
}

export function within(place: Place, name: string): Place {
  return { ...place, path: [...place.path, name] }
}

function withContents(value: JsonValue, place: Place, depth: number): JsonValue {
  if (!isJsonArray(value) && !isJsonObject(value)) return value
  if (depth >= MAX_DEPTH) throw new NestingError()
  if (isJsonArray(value)) return mapItems(value, (item) => withContents(item, place, depth + 1))
  if (isIntrinsicFunction(value)) return place.documents.object(value, place)
  if (isDocumentReference(value)) return place.documents.text(value, place) ?? value
  return mapItems(withFacts(value), (item) => withContents(item, place, depth + 1))
}

/**
 * Adds what Bedrock wants to know of a document besides its bytes, from its reference: `format`, and for a document `name`. What the diagram
 * gives takes precedence.
 */
function withFacts(block: JsonObject): JsonObject {
  let filled = block
  for (const [kind, content] of Object.entries(block)) {
    const source = isJsonObject(content) ? content['source'] : undefined
    const reference = isJsonObject(source) ? source['bytes'] : undefined
    if (!isJsonObject(content) || !isDocumentReference(reference)) continue
    filled = { ...filled, [kind]: { ...documentFacts(reference, kind), ...content } }
  }
  return filled
}
