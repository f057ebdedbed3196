// Which models take a JSON schema in a Converse request, and which schemas they take. Pure; the models are data.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'

/**
 * Models of https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-structured-outputs.html (November 2026), by any form of their id. AWS names
 * Claude 4.5 and Opus 4.6; newer Claude models are taken to have it, too. A model that is not here gets the schema in its prompt, and
 * `schemaSent` of the task decides otherwise.
 */
const MODELS = [
  /anthropic\.claude-(?:opus|sonnet|haiku)-4-[5-9]/,
  /anthropic\.claude-[a-z]+-(?:[5-9]|\d\d)(?!\d)/,
  /qwen\.qwen3-/,
  /openai\.gpt-oss-/,
  /deepseek\.v3/,
  /google\.gemma-3-(?:12|27)b/,
  /minimax\.minimax-m2/,
  /mistral\.(?:magistral-small-2509|ministral-3-|mistral-large-3-|voxtral-)/,
  /moonshot(?:ai)?\.kimi-k2/,
  /nvidia\.nemotron-nano-/,
]

export function takesSchema(model: string): boolean {
  return MODELS.some((pattern) => pattern.test(model))
}

/** Keywords that Bedrock refuses (same page): limits of numbers, texts and lists, and what it cannot compile. */
const REFUSED = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'prefixItems', 'unevaluatedItems'],
  ...['patternProperties', 'propertyNames', 'minProperties', 'maxProperties', 'unevaluatedProperties'],
  ...['dependentRequired', 'dependentSchemas', 'dependencies', 'if', 'then', 'else', 'not', 'oneOf'],
  ...['$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$id', '$anchor'],
])

/**
 * Whether a schema is of the part of JSON Schema that Bedrock compiles. In doubt it is not: the schema then goes out as an instruction, while a
 * refused request would fail the job.
 */
export function isCompilable(schema: JsonObject): boolean {
  return fits(schema, { root: schema, open: new Set(), done: new Set() })
}

interface Walk {
  readonly root: JsonObject
  /** References that led here: Bedrock does not compile a schema that contains itself. */
  readonly open: Set<string>
  /** References that fit. Each is followed once, or a schema that doubles at each would take forever. */
  readonly done: Set<string>
}

/** Definitions count where they are referred to. */
function fits(schema: JsonValue, walk: Walk): boolean {
  if (!isJsonObject(schema)) return typeof schema === 'boolean'
  if (Object.keys(schema).some((name) => REFUSED.has(name))) return false
  const { type, properties = {}, additionalProperties, minItems = 0, items = true, $ref } = schema
  const isOfObjects = type === 'object' || (isJsonArray(type) && type.includes('object'))
  if (isOfObjects && additionalProperties !== false) return false
  if (minItems !== 0 && minItems !== 1) return false
  if ($ref !== undefined && !refFits($ref, walk)) return false
  if (!isJsonObject(properties)) return false
  const lists = [schema['anyOf'] ?? [], schema['allOf'] ?? []]
  return [items, ...Object.values(properties), ...lists.flat()].every((each) => fits(each as JsonValue, walk))
}

function refFits($ref: JsonValue, walk: Walk): boolean {
  if (typeof $ref !== 'string' || walk.open.has($ref)) return false
  if (walk.done.has($ref)) return true
  const [, group = '', name = ''] = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec($ref) ?? []
  const definitions = walk.root[group]
  const target = isJsonObject(definitions) ? definitions[name] : undefined
  if (target === undefined) return false
  walk.open.add($ref)
  const does = fits(target, walk)
  walk.open.delete($ref)
  if (does) walk.done.add($ref)
  return does
}
