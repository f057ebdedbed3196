// Tokens of an answer. Pure.
import { isJsonObject, type JsonValue, numberText } from '../job/json.ts'
import type { TokenUsage } from '../job/token-usage.ts'

/** Token counts of Converse's answer (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html). */
export function usageOfConverse(usage: JsonValue | undefined): TokenUsage {
  const counts = isJsonObject(usage) ? usage : {}
  const count = (name: string): number => asCount(numberText(counts[name] ?? null))
  return {
    input: count('inputTokens'),
    output: count('outputTokens'),
    cacheRead: count('cacheReadInputTokens'),
    cacheWrite: count('cacheWriteInputTokens'),
  }
}

/**
 * Token counts from InvokeModel's headers. The body has them too, but differently for each model family. The API reference does not list
 * these headers; AWS's own samples read them.
 */
export function usageOfHeaders(headers: Readonly<Record<string, string>>): TokenUsage {
  const count = (name: string): number => asCount(headers[`x-amzn-bedrock-${name}-token-count`] ?? null)
  return {
    input: count('input'),
    output: count('output'),
    cacheRead: count('cache-read-input'),
    cacheWrite: count('cache-write-input'),
  }
}

function asCount(text: string | null): number {
  const tokens = Number(text ?? 0)
  return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0
}
