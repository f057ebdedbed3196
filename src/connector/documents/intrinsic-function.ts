// The connector runtime's intrinsic functions for documents (https://docs.camunda.io: Intrinsic functions): base64, getText, getJson and
// createLink. Pure. Throws BindingError with the runtime's texts, and NeedsDocument.
import { isJsonObject, type JsonValue, parseJson } from '../../job/json.ts'
import { mismatch } from '../binding-error.ts'
import { throughJava } from '../java-number.ts'
import { isBlank, trim } from '../java-text.ts'
import { decodeText } from './decode-text.ts'
import type { DocumentReference } from './document-reference.ts'
import { base64, contentOf, type DocumentSupply } from './document-supply.ts'
import { type BoundValue, type DocumentAccess, FunctionArguments } from './function-arguments.ts'

/** A function's result. */
export interface FunctionResult {
  readonly value: JsonValue
  /** Whether it was made from a document, which no message may show. */
  readonly fromDocument: boolean
}

/** @returns null on failure: the runtime's message does not depend on the reason. */
type IntrinsicFunction = (given: FunctionArguments, access: DocumentAccess) => FunctionResult | null

const FUNCTIONS: ReadonlyMap<string | null, IntrinsicFunction> = new Map([
  ['base64', encodeBase64],
  ['getText', getText],
  ['getJson', getJson],
  ['createLink', createLink],
])

/**
 * @param name - the function's name in the diagram.
 * @param given - its parameters; null if the diagram gave none.
 */
export function runFunction(
  name: string | null,
  given: readonly BoundValue[] | null,
  access: DocumentAccess,
): FunctionResult {
  const run = FUNCTIONS.get(name)
  if (run === undefined) throw mismatch(`No intrinsic function found with name: ${name}`)
  if (given === null) {
    throw mismatch(
      'Cannot invoke "java.util.List.size()" because the return value of "io.camunda.connector.document.jackson.IntrinsicFunctionParams$Positional.params()" is null',
    )
  }
  const taken = new FunctionArguments(given, access)
  const result = run(taken, access)
  if (result !== null) return result
  throw mismatch(`Failed to execute intrinsic function: ${name} with arguments: ${taken}`)
}

function encodeBase64(given: FunctionArguments, { supply }: DocumentAccess): FunctionResult | null {
  const input = given.object()
  if (input.kind === 'document') {
    if (input.listed === true) return null
    const content = contentOf(input.reference, supply)
    return content.ok ? { value: base64(content.value.bytes), fromDocument: true } : null
  }
  if (typeof input.value !== 'string') return null
  return { value: Buffer.from(input.value).toString('base64'), fromDocument: input.fromDocument }
}

function getText(given: FunctionArguments, { supply }: DocumentAccess): FunctionResult | null {
  const document = given.document()
  const charset = given.optionalText()
  return fromDocument(readText(document, charset ?? 'utf-8', supply))
}

function getJson(given: FunctionArguments, { supply }: DocumentAccess): FunctionResult | null {
  const document = given.document()
  const expression = given.optionalText()
  const text = readText(document, 'utf-8', supply)
  const json = text === null ? null : readObject(text)
  if (json === null || expression === null || isBlank(expression)) return fromDocument(json)
  // FEEL alone, without the `=` that marks it in a diagram.
  if (trim(expression).startsWith('=')) return null
  const evaluated = supply.value({ kind: 'evaluation', expression, context: json })
  return evaluated.ok ? { value: evaluated.value, fromDocument: true } : null
}

function createLink(given: FunctionArguments, { supply }: DocumentAccess): FunctionResult | null {
  const document = given.document()
  const timeToLiveMs = given.optionalDurationMs()
  if (document === null || document.kind === 'inline') return null
  if (document.kind === 'external') return { value: document.url, fromDocument: true }
  const link = supply.value({ kind: 'link', reference: document, timeToLiveMs })
  return link.ok ? { value: link.value, fromDocument: true } : null
}

function fromDocument(value: JsonValue): FunctionResult | null {
  return value === null ? null : { value, fromDocument: true }
}

function readText(
  document: DocumentReference | null,
  charset: string,
  supply: DocumentSupply,
): string | null {
  if (document === null) return null
  const content = contentOf(document, supply)
  return content.ok ? decodeText(content.value.bytes, charset) : null
}

function readObject(text: string) {
  try {
    const json = throughJava(parseJson(text))
    return isJsonObject(json) ? json : null
  } catch {
    return null
  }
}
