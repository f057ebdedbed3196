// The chunks of InvokeModelWithResponseStream: the model's own JSON, to which Bedrock adds members. Pure.
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html)
import { isJsonObject, type JsonObject, numberText, parseJson } from '../job/json.ts'
import type { StreamEvent } from './fold-converse-stream.ts'

const ADDED = 'amazon-bedrock-'
const METRICS = 'amazon-bedrock-invocationMetrics'

/** The chunks that are JSON objects. */
export function chunksOf(events: readonly StreamEvent[]): JsonObject[] {
  return events.flatMap(({ payload: { bytes } }) => {
    if (typeof bytes !== 'string') return []
    try {
      const chunk = parseJson(Buffer.from(bytes, 'base64').toString('utf8'))
      return isJsonObject(chunk) ? [chunk] : []
    } catch {
      return []
    }
  })
}

/** What Bedrock adds to an answer of InvokeModel, such as what a guardrail did. */
export function addedByBedrock(chunks: readonly JsonObject[]): JsonObject {
  const added = chunks.flatMap((chunk) =>
    Object.entries(chunk).filter(([name]) => name.startsWith(ADDED) && name !== METRICS),
  )
  return Object.fromEntries(added)
}

/** A chunk without what Bedrock adds. */
export function ownMembers(chunk: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(chunk).filter(([name]) => !name.startsWith(ADDED)))
}

/** The token counts that InvokeModel has as headers. */
export function usageHeaders(events: readonly StreamEvent[]): Readonly<Record<string, string>> {
  const metrics = chunksOf(events).findLast((chunk) => isJsonObject(chunk[METRICS]))?.[METRICS]
  const headers: Record<string, string> = {}
  if (!isJsonObject(metrics)) return headers
  for (const [name, member] of Object.entries(COUNTS)) {
    const count = numberText(metrics[member] ?? null)
    if (count !== null) headers[`x-amzn-bedrock-${name}`] = count
  }
  return headers
}

const COUNTS: Readonly<Record<string, string>> = {
  'input-token-count': 'inputTokenCount',
  'output-token-count': 'outputTokenCount',
  'cache-read-input-token-count': 'cacheReadInputTokenCount',
  'cache-write-input-token-count': 'cacheWriteInputTokenCount',
  'invocation-latency': 'invocationLatency',
}
