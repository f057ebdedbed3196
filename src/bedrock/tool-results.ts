// Results of tools, as a diagram collects them, as the blocks that Converse takes
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html). Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { InputFault } from './input-fault.ts'

/**
 * One block for each result. A result is a block already (`{toolResult: …}`), or an object with the call's id (`toolUseId`, `id`, or
 * `_meta.id` as in the tool call) and what the tool gave (`content`, or `result`); `status` is passed on.
 */
export function toolResultBlocks(results: JsonValue | undefined): readonly JsonValue[] {
  if (results === undefined) return []
  return (isJsonArray(results) ? results : [results]).map((result) =>
    isJsonObject(result) && !Object.hasOwn(result, 'toolResult')
      ? { toolResult: toolResult(result) }
      : result,
  )
}

function toolResult(result: JsonObject): JsonObject {
  const { status } = result
  const id = toolUseId(result)
  if (id === null) throw new InputFault('toolResults: each must have the id of its call, as in _meta.id')
  return {
    toolUseId: id,
    content: contentOf(result['content'] ?? result['result'] ?? null),
    ...(status === undefined || status === null ? {} : { status }),
  }
}

/** The id of the call that a result answers; null if it has none. */
export function toolUseId(result: JsonObject): JsonValue {
  const meta = result['_meta']
  return result['toolUseId'] ?? (isJsonObject(meta) ? meta['id'] : undefined) ?? result['id'] ?? null
}

/** Kinds of blocks in the content of a result, all of objects but `text`; any other object is a value. */
const KINDS = new Set(['json', 'image', 'document', 'video', 'searchResult'])

/** A text is a text; an object is JSON; a list of blocks is passed on; any other value is a text of its JSON, since `json` must be an object. */
function contentOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value) && value.length > 0 && value.every(isBlock)) return value
  if (typeof value === 'string') return [{ text: value === '' ? ' ' : value }]
  if (isBlock(value)) return [value]
  return [isJsonObject(value) ? { json: value } : { text: stringifyJson(value) }]
}

function isBlock(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false
  const [[name, content] = [], ...others] = Object.entries(value)
  if (name === undefined || others.length > 0) return false
  return name === 'text' ? typeof content === 'string' : KINDS.has(name) && isJsonObject(content)
}
