// The body of a Converse request, in Bedrock's form, from a task's inputs. Pure.
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  mapItems,
  numberText,
  stringifyJson,
} from '../job/json.ts'
import { type AnswerSchema, withSchema } from './answer-schema.ts'
import { CACHE_PLACES, CACHE_TTLS, type CachePlace, type CacheTtl, withCachePoints } from './cache-points.ts'
import { InputFault } from './input-fault.ts'
import { textList } from './text-list.ts'

/** Inputs that go out under their own names. */
const PASSED = [
  'toolConfig',
  'guardrailConfig',
  'additionalModelRequestFields',
  'additionalModelResponseFieldPaths',
  'promptVariables',
  'performanceConfig',
  'serviceTier',
  'outputConfig',
] as const

/** Fields that `requestFields` may not replace: the result repeats the messages, and the metadata is written behind all fields. */
const TAKEN = ['messages', 'requestMetadata']

export interface ConverseParts {
  readonly modelId: string
  /** In Bedrock's form. */
  readonly messages: readonly JsonObject[]
  /** Null parameters are left out. */
  readonly maxTokens: number | null
  readonly temperature: number | null
  readonly topP: number | null
  /** Inputs that the stock connector has not, with contents of documents. */
  readonly own: JsonObject
  /** The schema of the answer; null if the task sets none. */
  readonly schema: AnswerSchema | null
}

/** @throws InputFault for an input of a wrong form that no field of the request would show. */
export function converseBody({
  modelId,
  messages,
  maxTokens,
  temperature,
  topP,
  own,
  schema,
}: ConverseParts): JsonObject {
  const { system, stopSequences } = own
  const inferenceConfig = {
    ...(maxTokens === null ? {} : { maxTokens }),
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { topP }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
  }
  const plain: JsonObject = {
    ...(messages.length === 0 ? {} : { messages }),
    ...(isPromptArn(modelId) ? {} : { inferenceConfig }),
    ...(system === undefined ? {} : { system: systemBlocks(system) }),
    ...Object.fromEntries(
      PASSED.flatMap((name) => (own[name] === undefined ? [] : [[name, inFullForm(name, own[name])]])),
    ),
    ...checkedFields(own),
  }
  if (isPromptArn(modelId)) checkManaged(own)
  // A managed prompt takes neither a system prompt nor an output format: its author asks for the JSON.
  const body =
    schema === null || isPromptArn(modelId) ? plain : withSchema(plain, schema, asText(own['schemaName']))
  const places = placesOf(own['cachePoints'])
  return places.size === 0 ? body : withCachePoints(body, places, ttlOf(own['cacheTtl']))
}

/** A prompt of Prompt management has its own parameters (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-management-test.html). */
export function isPromptArn(modelId: string): boolean {
  return /^arn:aws[a-z0-9-]*:bedrock:[^:]*:\d*:prompt\//.test(modelId)
}

const OF_PROMPT = ['system', 'stopSequences', 'toolConfig', 'inferenceConfig', 'additionalModelRequestFields']

/** Bedrock refuses a request that sets what a managed prompt has itself (same page). */
function checkManaged(own: JsonObject): void {
  const further = requestFieldsOf(own)
  const faults = OF_PROMPT.flatMap((name) => [
    ...(Object.hasOwn(own, name) ? [name] : []),
    ...(Object.hasOwn(further, name) ? [`requestFields.${name}`] : []),
  ]).map((name) => `${name}: cannot be set for a managed prompt, which has its own`)
  if (faults.length > 0) throw new InputFault(faults.join('; data.'))
}

export function systemBlocks(system: JsonValue): JsonValue {
  if (typeof system === 'string') return [{ text: system }]
  return isJsonArray(system)
    ? system.map((block) => (typeof block === 'string' ? { text: block } : block))
    : [system]
}

/** Short forms of some inputs: a text for an object with one member, and a schema as JSON instead of its text. */
function inFullForm(name: (typeof PASSED)[number], value: JsonValue): JsonValue {
  switch (name) {
    case 'serviceTier':
      return typeof value === 'string' ? { type: value } : value
    case 'performanceConfig':
      return typeof value === 'string' ? { latency: value } : value
    case 'promptVariables':
      return isJsonObject(value)
        ? mapItems(value, (item) => (typeof item === 'string' ? { text: item } : item))
        : value
    case 'guardrailConfig':
      return isJsonObject(value) ? withVersionText(value) : value
    case 'outputConfig':
      return withSchemaText(value)
    default:
      return value
  }
}

function withVersionText(guardrail: JsonObject): JsonObject {
  const version = asText(guardrail['guardrailVersion'])
  return version === undefined ? guardrail : { ...guardrail, guardrailVersion: version }
}

/** An input that takes a text takes a number, too; Bedrock does not. */
function asText(value: JsonValue | undefined): JsonValue | undefined {
  return value === undefined ? value : (numberText(value) ?? value)
}

/** Bedrock wants the schema as a text. */
function withSchemaText(outputConfig: JsonValue): JsonValue {
  const at = (value: JsonValue | undefined, name: string): JsonObject | null => {
    const inner = isJsonObject(value) ? value[name] : undefined
    return isJsonObject(inner) ? inner : null
  }
  const textFormat = at(outputConfig, 'textFormat')
  const structure = at(textFormat ?? null, 'structure')
  const jsonSchema = at(structure ?? null, 'jsonSchema')
  const schema = jsonSchema?.['schema']
  if (!isJsonObject(outputConfig) || jsonSchema === null || !isJsonObject(schema)) return outputConfig
  return {
    ...outputConfig,
    textFormat: {
      ...textFormat,
      structure: { ...structure, jsonSchema: { ...jsonSchema, schema: stringifyJson(schema) } },
    },
  }
}

/** Fields of the request that have no input of their own. {@link inputFaults} has refused what is no object. */
export function requestFieldsOf({ requestFields }: JsonObject): JsonObject {
  return isJsonObject(requestFields ?? null) ? (requestFields as JsonObject) : {}
}

/** A field that is given twice would hide one of the two. */
function checkedFields(own: JsonObject): JsonObject {
  const further = requestFieldsOf(own)
  const taken = Object.keys(further).find((name) => TAKEN.includes(name) || Object.hasOwn(own, name))
  if (taken === undefined) return further
  throw new InputFault(`requestFields: must not have ${taken}, which has inputs of its own`)
}

/** {@link inputFaults} has refused any other value. */
function placesOf(value: JsonValue | undefined): ReadonlySet<CachePlace> {
  const named = textList(value ?? []) ?? []
  return new Set(CACHE_PLACES.filter((place) => named.includes(place)))
}

/** {@link inputFaults} has refused any other text. */
function ttlOf(value: JsonValue | undefined): CacheTtl | null {
  return CACHE_TTLS.find((known) => known === value) ?? null
}
