// The JSON schema that a task sets for the model's answer: how it is sent, and the turn that asks for a repair. Pure.
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberText,
  parseJson,
  stringifyJson,
} from '../job/json.ts'
import { blocksOf, joinedText } from './answer-message.ts'
import { InputFault } from './input-fault.ts'
import { isCompilable, takesSchema } from './schema-models.ts'

export interface AnswerSchema {
  /** JSON text of the schema. */
  readonly text: string
  /** Whether Bedrock is sent the schema as such, and compiles it. */
  readonly compiled: boolean
  /** Most turns to repair an answer. */
  readonly repairTurns: number
}

/** A part of an answer that violates its schema. */
export interface Violation {
  /** JSON pointer into the answer. */
  readonly path: string
  /** The keyword of the schema; `json`: the answer is no JSON; `stopReason`: it is not whole. */
  readonly keyword: string
  readonly message: string
}

/** Characters. A prompt of that length costs 16,000 tokens a call. */
const LONGEST = 64_000
const DEEPEST = 50
/** Characters. Longer patterns are nowhere needed, and make the compiled code long. */
const LONGEST_PATTERN = 500

export const SCHEMA_INPUTS = ['schema', 'schemaName', 'repairTurns', 'schemaSent']

/** Null: the task sets none. @throws InputFault */
export function answerSchema(own: JsonObject, modelId: string): AnswerSchema | null {
  const { schema: given, repairTurns, schemaSent, outputConfig } = own
  if (given === undefined) return null
  const schema = readSchema(given)
  const text = stringifyJson(schema)
  if (text.length > LONGEST)
    throw new InputFault(`schema: has ${text.length} characters; ${LONGEST} are allowed`)
  checkParts(schema, 0)
  const hasOwnFormat = isJsonObject(outputConfig) && outputConfig['textFormat'] !== undefined
  const fits = takesSchema(modelId) && isCompilable(schema)
  return {
    text,
    compiled: hasOwnFormat || (schemaSent === undefined ? fits : schemaSent === 'outputConfig'),
    repairTurns: repairTurns === undefined ? 1 : Number(numberText(repairTurns) ?? repairTurns),
  }
}

function readSchema(given: JsonValue): JsonObject {
  try {
    const schema = typeof given === 'string' ? parseJson(given) : given
    if (isJsonObject(schema)) return schema
  } catch {}
  throw new InputFault('schema: must be a JSON schema: an object, or its JSON text')
}

function checkParts(value: JsonValue, depth: number): void {
  if (depth > DEEPEST) throw new InputFault(`schema: is nested more than ${DEEPEST} levels deep`)
  if (isJsonArray(value)) for (const item of value) checkParts(item, depth + 1)
  if (!isJsonObject(value)) return
  const { pattern, patternProperties } = value
  const patterns = isJsonObject(patternProperties) ? Object.keys(patternProperties) : []
  if ([pattern, ...patterns].some((each) => typeof each === 'string' && each.length > LONGEST_PATTERN))
    throw new InputFault(`schema: has a pattern of more than ${LONGEST_PATTERN} characters`)
  for (const item of Object.values(value)) checkParts(item, depth + 1)
}

/** The request with the schema: as a field of its own where the model takes it, otherwise as the last block of the system prompt. */
export function withSchema(
  body: JsonObject,
  { text, compiled }: AnswerSchema,
  name: JsonValue | undefined,
): JsonObject {
  const { outputConfig = {}, system = [] } = body
  if (!compiled) {
    const instruction = { text: `${INSTRUCTION}\n${text}` }
    return { ...body, system: [...(isJsonArray(system) ? system : [system]), instruction] }
  }
  if (!isJsonObject(outputConfig) || outputConfig['textFormat'] !== undefined) return body
  const jsonSchema = { schema: text, ...(name === undefined ? {} : { name }) }
  const textFormat = { type: 'json_schema', structure: { jsonSchema } }
  return { ...body, outputConfig: { ...outputConfig, textFormat } }
}

const INSTRUCTION =
  'Answer with one JSON value and nothing else: no explanation, and no code fence around it. It must satisfy this JSON schema:'

/** The JSON text of an answer: its texts, without the code fence that some models put around it. */
export function answerJson(message: JsonObject): string {
  const text = (joinedText(blocksOf(message)) ?? '').trim()
  return text.startsWith('```') && text.endsWith('```')
    ? text
        .slice(3, -3)
        .replace(/^json\b/i, '')
        .trim()
    : text
}

/** An answer that violated its schema, and what was wrong with it. */
export interface FailedAnswer {
  /** The answer's message. */
  readonly message: JsonObject
  readonly violations: readonly Violation[]
  /** US dollars at list price; absent if unknown. */
  readonly cost?: number
}

/** Null for an answer that Bedrock would not take back: one without content. */
export function failedAnswer(
  message: JsonObject,
  violations: readonly Violation[],
  cost: number | null = null,
): FailedAnswer | null {
  const { content } = message
  return isJsonArray(content) && content.length > 0
    ? { message, violations, ...(cost === null ? {} : { cost }) }
    : null
}

/** The body of a Converse request, followed by the answers that failed so far, each with the request to repair it. */
export function withRepairs(body: string, failed: readonly FailedAnswer[]): string {
  const read = parseJson(body)
  if (!isJsonObject(read)) return body
  const { messages = [] } = read
  const turns = failed.flatMap(({ message, violations }) => [
    { role: 'assistant', ...message },
    { role: 'user', content: [{ text: repairRequest(violations) }] },
  ])
  return stringifyJson({ ...read, messages: [...(isJsonArray(messages) ? messages : []), ...turns] })
}

function repairRequest(violations: readonly Violation[]): string {
  const list = violations.map(({ path, message }) => `- ${path === '' ? 'the answer' : path}: ${message}`)
  return `Your answer violates the JSON schema:\n${list.join('\n')}\nAnswer again with the whole corrected JSON value and nothing else.`
}
