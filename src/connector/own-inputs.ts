// Binds the inputs that the stock connector has not (docs/adr/0014): Bedrock's own JSON, kept as it is. Wherever a value may hold bytes, a
// document reference becomes its content in base64, and a function its value. Throws BindingError, NestingError and NeedsDocument.
import type { ActionName } from '../bedrock/input.ts'
import { ownInputs, withoutAbsent } from '../bedrock/inputs.ts'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, mapItems } from '../job/json.ts'
import type { Place } from './bind-scalar.ts'
import { documentFacts } from './documents/document-facts.ts'
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
  const own = Object.entries(properties).filter(([name, value]) => names.has(name) && isGiven(value))
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
  const sent = blockWithContents(block, place)
  return { block, sent: isJsonObject(sent) ? sent : block }
}

/** The blocks of a message as they are sent. */
export function bindBlocks(blocks: readonly JsonValue[], place: Place): readonly JsonValue[] {
  return blocks.map((block) => blockWithContents(block, place))
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
