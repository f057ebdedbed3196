// Results of tools, as a diagram collects them, as the blocks that Converse takes
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html). Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { InputFault } from './input-fault.ts'

/**
 * One block for each result. A result is a block already (`{toolResult: …}`), or an object with the call's id (`toolUseId`, `id`, or
 * `_meta.id` as in the tool call) and what the tool gave (`content`, or `result`); `status` is passed on.
 * @throws InputFault
 */
export function toolResultBlocks(results: JsonValue | undefined): readonly JsonValue[] {
  if (results === undefined) return []
  return (isJsonArray(results) ? results : [results]).map((result, index) => {
    const name = `toolResults[${index}]`
    if (!isJsonObject(result))
      throw new InputFault(`${name}: must be an object with the id of a call and its result`)
    return Object.hasOwn(result, 'toolResult') ? result : { toolResult: toolResult(result, name) }
  })
}

const STATUSES: readonly JsonValue[] = ['success', 'error']

function toolResult(result: JsonObject, name: string): JsonObject {
  const { status = null } = result
  const id = toolUseId(result)
  if (typeof id !== 'string' || id.trim() === '')
    throw new InputFault(`${name}: must have the id of its call, as in _meta.id`)
  if (status !== null && !STATUSES.includes(status))
    throw new InputFault(`${name}.status: must be one of ${STATUSES.join(', ')}`)
  return {
    toolUseId: id,
    content: contentOf(result['content'] ?? result['result'] ?? null),
    ...(status === null ? {} : { status }),
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
  if (isJsonArray(value) && value.length > 0 && value.every(isResultBlock)) return value
  if (typeof value === 'string') return [{ text: value === '' ? ' ' : value }]
  if (isResultBlock(value)) return [value]
  return [isJsonObject(value) ? { json: value } : { text: stringifyJson(value) }]
}

/** Whether a value is a block that a tool's result may have as it is. */
export function isResultBlock(value: JsonValue): boolean {
  if (!isJsonObject(value)) return false
  const [[name, content] = [], ...others] = Object.entries(value)
  if (name === undefined || others.length > 0) return false
  return name === 'text' ? typeof content === 'string' : KINDS.has(name) && isJsonObject(content)
}
