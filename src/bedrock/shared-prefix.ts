// What the beginnings of two Converse requests have in common, and a cache point at the end of it. Bedrock reads tools, system prompt and messages
// in this order, so each of these places ends a prefix of all that is before it. Pure.
import { createHash } from 'node:crypto'
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import { type CachePlace, type CacheTtl, hasCachePoint, withCachePoints } from './cache-points.ts'

/** The beginning of a request, up to one of the places for cache points. */
export interface Prefix {
  readonly place: CachePlace
  /** The same for the same beginning. */
  readonly hash: string
  /** Of all that it contains. */
  readonly characters: number
}

/** Shortest first. The new message is in none: another call has another one. Empty if the request has cache points of its own. */
export function prefixesOf(body: JsonObject): readonly Prefix[] {
  if (hasCachePoint(body)) return []
  const { toolConfig, system, messages } = body
  const tools = isJsonObject(toolConfig) ? toolConfig['tools'] : undefined
  const history = isJsonArray(messages) ? messages.slice(0, -1) : []
  const parts: readonly (readonly [CachePlace, JsonValue | undefined])[] = [
    ['tools', tools],
    ['system', system],
    ['history', history],
  ]
  const prefixes: Prefix[] = []
  const hash = createHash('sha256')
  let characters = 0
  for (const [place, part] of parts) {
    if (!isJsonArray(part) || part.length === 0) continue
    const text = stringifyJson(part)
    hash.update(`${place} ${text.length} `).update(text)
    characters += text.length
    prefixes.push({ place, hash: hash.copy().digest('base64url'), characters })
  }
  return prefixes
}

export function withPointAfter(body: JsonObject, { place }: Prefix, ttl: CacheTtl | null): JsonObject {
  return withCachePoints(body, new Set([place]), ttl)
}

/**
 * Fewest tokens of a prefix that a model caches, by any form of its id: the first match. Models without a match have no cache points, and refuse
 * them. Source: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html (November 2026).
 */
const LEAST_TOKENS: readonly (readonly [model: RegExp, tokens: number])[] = [
  [/anthropic\.claude-haiku-(?:4-[5-9]|[5-9])/, 4_096],
  [/anthropic\.claude-opus-(?:4-[5-9]|[5-9])/, 4_096],
  [/anthropic\.claude-3-5-haiku/, 2_048],
  [/anthropic\.claude-3-7-sonnet/, 1_024],
  [/anthropic\.claude-(?:opus|sonnet|fable)-[4-9]/, 1_024],
  [/amazon\.nova-/, 1_000],
]

/** Models that keep a prefix for an hour where they are asked to; others refuse that (same page). */
const KEEPS_AN_HOUR = /anthropic\.claude-[a-z]+-(?:4-[5-9]|[5-9])/

/** The lifetime to ask a model for: the wanted one if it has that, otherwise null, its own. */
export function ttlFor(model: string, wanted: CacheTtl | undefined): CacheTtl | null {
  return wanted === undefined || (wanted === '1h' && !KEEPS_AN_HOUR.test(model)) ? null : wanted
}

/** Null for a model without cache points. */
export function leastCached(model: string): number | null {
  return LEAST_TOKENS.find(([pattern]) => pattern.test(model))?.[1] ?? null
}
