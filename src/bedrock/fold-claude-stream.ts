// Folds the chunks of InvokeModelWithResponseStream to the answer of Claude's Messages API. Pure.
// (https://docs.claude.com/en/docs/build-with-claude/streaming)
import { isJsonObject, type JsonObject, type JsonValue, numberText, parseJson } from '../job/json.ts'
import { inputOf, join, type StreamEvent } from './fold-converse-stream.ts'

const METRICS = 'amazon-bedrock-invocationMetrics'

/** The answer; null for a stream that ended before `message_stop`. What Bedrock adds to chunks (`amazon-bedrock-…`) is kept. */
export function foldClaudeStream(events: readonly StreamEvent[]): JsonObject | null {
  let message: Record<string, JsonValue> = {}
  const blocks = new Map<string, Record<string, JsonValue>>()
  const inputs = new Map<string, string>()
  let stopped = false
  for (const chunk of chunksOf(events)) {
    const { type } = chunk
    const index = numberText(chunk['index'] ?? null) ?? '0'
    const delta = isJsonObject(chunk['delta']) ? chunk['delta'] : {}
    if (type === 'message_start' && isJsonObject(chunk['message'])) message = { ...chunk['message'] }
    else if (type === 'content_block_start' && isJsonObject(chunk['content_block']))
      blocks.set(index, { ...chunk['content_block'] })
    else if (type === 'content_block_delta') {
      const block = blocks.get(index) ?? {}
      blocks.set(index, block)
      addDelta(block, delta, (piece) => inputs.set(index, (inputs.get(index) ?? '') + piece))
    } else if (type === 'message_delta') {
      message = { ...message, ...delta }
      if (isJsonObject(chunk['usage'])) {
        const usage = isJsonObject(message['usage']) ? message['usage'] : {}
        message['usage'] = { ...usage, ...chunk['usage'] }
      }
    }
    for (const [name, value] of Object.entries(chunk))
      if (name.startsWith('amazon-bedrock-') && name !== METRICS) message[name] = value
    stopped ||= type === 'message_stop'
  }
  if (!stopped) return null
  for (const [index, text] of inputs) if (text !== '') (blocks.get(index) ?? {})['input'] = inputOf(text)
  return { ...message, content: [...blocks.values()] }
}

function addDelta(
  block: Record<string, JsonValue>,
  { type, ...fields }: JsonObject,
  addInput: (piece: string) => void,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'partial_json') addInput(String(value))
    else if (type === 'citations_delta' && name === 'citation')
      block['citations'] = join(block['citations'] ?? [], [value])
    else block[name] = join(block[name], value)
  }
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

function chunksOf(events: readonly StreamEvent[]): JsonObject[] {
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
