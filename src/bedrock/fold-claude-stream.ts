// Folds the chunks of InvokeModelWithResponseStream to the answer of Claude's Messages API. Pure.
// (https://docs.claude.com/en/docs/build-with-claude/streaming)
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { inputOf, join, type StreamEvent, textLength } from './fold-converse-stream.ts'
import { addedByBedrock, chunksOf } from './invoke-chunks.ts'

/** The answer; null for a stream that ended before `message_stop`. What Bedrock adds to chunks (`amazon-bedrock-…`) is kept. */
export function foldClaudeStream(events: readonly StreamEvent[]): JsonObject | null {
  let message: Record<string, JsonValue> = {}
  const blocks = new Map<string, Record<string, JsonValue>>()
  const inputs = new Map<string, string>()
  let stopped = false
  const chunks = chunksOf(events)
  for (const chunk of chunks) {
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
    stopped ||= type === 'message_stop'
  }
  if (!stopped) return null
  for (const [index, text] of inputs) if (text !== '') (blocks.get(index) ?? {})['input'] = inputOf(text)
  return { ...message, content: [...blocks.values()], ...addedByBedrock(chunks) }
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

/** Characters that the model has generated in these events. */
export function generatedByClaude(events: readonly StreamEvent[]): number {
  return chunksOf(events).reduce((sum, { delta }) => {
    const { type: _, ...fields } = isJsonObject(delta ?? null) ? (delta as JsonObject) : {}
    return sum + textLength(fields)
  }, 0)
}
