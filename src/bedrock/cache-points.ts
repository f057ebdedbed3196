// Cache points of a Converse request: what ends with one is kept by Bedrock, and costs a tenth when it comes again
// (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html). Pure.
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'

export const CACHE_TTLS = ['5m', '1h'] as const
export type CacheTtl = (typeof CACHE_TTLS)[number]

/** Where a task may ask for a cache point, in the order in which Bedrock reads a request. */
export const CACHE_PLACES = ['tools', 'system', 'history', 'message'] as const
export type CachePlace = (typeof CACHE_PLACES)[number]

/** Most cache points of a request. */
const MOST = 4

export function cachePoint(ttl: CacheTtl | null): JsonObject {
  return { cachePoint: { type: 'default', ...(ttl === null ? {} : { ttl }) } }
}

/** The request with a cache point behind each place that it has. */
export function withCachePoints(
  body: JsonObject,
  places: ReadonlySet<CachePlace>,
  ttl: CacheTtl | null,
): JsonObject {
  const point = cachePoint(ttl)
  const end = (list: JsonValue | undefined): readonly JsonValue[] | null =>
    isJsonArray(list) && list.length > 0 && !isCachePoint(list.at(-1)) ? [...list, point] : null
  let made = body
  const { toolConfig } = body
  if (places.has('tools') && isJsonObject(toolConfig)) {
    const tools = end(toolConfig['tools'])
    if (tools !== null) made = { ...made, toolConfig: { ...toolConfig, tools } }
  }
  const system = places.has('system') ? end(body['system']) : null
  if (system !== null) made = { ...made, system }
  const messages = isJsonArray(body['messages']) ? body['messages'] : []
  const at = [
    ...(places.has('history') ? [messages.length - 2] : []),
    ...(places.has('message') ? [messages.length - 1] : []),
  ]
  const pointed = messages.map((message, index) => {
    const content = at.includes(index) && isJsonObject(message) ? end(message['content']) : null
    return content === null ? message : { ...(message as JsonObject), content }
  })
  return at.length > 0 && messages.length > 0 ? { ...made, messages: pointed } : made
}

/**
 * At most four, and none of an hour behind one of five minutes, in the order tools, system, messages; Bedrock refuses others
 * (https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
 */
export function cachePointFaults(body: JsonObject): readonly string[] {
  const points = cachePointsOf(body)
  const faults: string[] = []
  if (points.length > MOST)
    faults.push(
      `cachePoint: the request has ${points.length} cache points; Bedrock takes ${MOST} at the most`,
    )
  const firstShort = points.findIndex(({ ttl }) => (ttl ?? '5m') === '5m')
  if (firstShort !== -1 && points.slice(firstShort).some(({ ttl }) => ttl === '1h'))
    faults.push(
      'cachePoint: a cache point of 1h stands behind one of 5m; in the order tools, system, messages those of 1h come first',
    )
  return faults
}

/** Whether a request has cache points already. */
export function hasCachePoint(body: JsonObject): boolean {
  return cachePointsOf(body).length > 0
}

function cachePointsOf(body: JsonObject): readonly { readonly ttl: JsonValue }[] {
  const { toolConfig, system, messages } = body
  const tools = isJsonObject(toolConfig) ? toolConfig['tools'] : undefined
  const contents = (isJsonArray(messages) ? messages : []).map((message) =>
    isJsonObject(message) ? message['content'] : undefined,
  )
  return [tools, system, ...contents].flatMap((list) =>
    (isJsonArray(list) ? list : []).filter(isCachePoint).map((block) => {
      const point = isJsonObject(block) ? block['cachePoint'] : undefined
      return { ttl: isJsonObject(point) ? (point['ttl'] ?? null) : null }
    }),
  )
}

function isCachePoint(block: JsonValue | undefined): boolean {
  return isJsonObject(block) && Object.hasOwn(block, 'cachePoint')
}
