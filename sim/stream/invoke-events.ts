// The events of InvokeModelWithResponseStream: chunks of the model's own JSON. Claude's are the events of its Messages API, Nova's those
// of ConverseStream; those of others are the answer's choices in pieces, or the whole answer where it has none. The last one has the metrics that Bedrock adds. Pure.
import { converseAnswer, type InvokeAnswer } from '../answers.ts'
import { fieldOf, isObject, listOf, objectOf, parseExact, textOf } from '../json.ts'
import { converseSteps, type StreamEvent } from './converse-events.ts'
import { eventFrame } from './frames.ts'
import { pieces } from './pieces.ts'

/** All events of an answer. */
export function invokeEvents(answer: InvokeAnswer, latencyMs: number, paced: boolean): StreamEvent[] {
  const chunks = chunksOf(answer, latencyMs, paced)
  const { inputTokens, outputTokens, cacheReadInputTokens, cacheWriteInputTokens } = answer.usage
  const metrics = {
    inputTokenCount: inputTokens,
    outputTokenCount: outputTokens,
    invocationLatency: latencyMs,
    firstByteLatency: latencyMs,
    ...(cacheReadInputTokens !== undefined && { cacheReadInputTokenCount: cacheReadInputTokens }),
    ...(cacheWriteInputTokens !== undefined && { cacheWriteInputTokenCount: cacheWriteInputTokens }),
  }
  return chunks.map((chunk, index) => {
    const last = index === chunks.length - 1 && isObject(chunk)
    const text =
      typeof chunk === 'string'
        ? chunk
        : JSON.stringify(last ? { ...chunk, 'amazon-bedrock-invocationMetrics': metrics } : chunk)
    return {
      frame: eventFrame('chunk', { bytes: Buffer.from(text).toString('base64') }),
      tokens: Math.ceil(text.length / 64),
    }
  })
}

/** A chunk is an object, or a text that goes out as it is. */
function chunksOf({ json, usage }: InvokeAnswer, latencyMs: number, paced: boolean): readonly unknown[] {
  let answer: unknown
  try {
    answer = parseExact(json)
  } catch {
    return [json]
  }
  if (textOf(answer, 'type') === 'message') return claudeEvents(answer, paced)
  const content = fieldOf(answer, 'output', 'message', 'content')
  if (content !== undefined) {
    const blocks = listOf(content).map(objectOf)
    const told = converseAnswer(blocks, textOf(answer, 'stopReason'), usage)
    const chunks = converseSteps(told, latencyMs, paced).map(({ type, payload }) => ({ [type]: payload }))
    const added = Object.entries(objectOf(answer)).filter(([name]) => name.startsWith('amazon-bedrock-'))
    return [...chunks.slice(0, -1), { ...chunks.at(-1), ...Object.fromEntries(added) }]
  }
  return textOf(listOf(fieldOf(answer, 'choices'))[0], 'message', 'content') === undefined
    ? [json]
    : choiceChunks(answer, paced)
}

function claudeEvents(answer: unknown, paced: boolean): unknown[] {
  const message = isObject(answer) ? answer : {}
  const { content, stop_reason, stop_sequence, usage } = message
  return [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, stop_sequence: null } },
    ...listOf(content).flatMap((block, index) => claudeBlock(block, index, paced)),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence },
      usage: { output_tokens: fieldOf(usage, 'output_tokens') },
    },
    { type: 'message_stop' },
  ]
}

function claudeBlock(block: unknown, index: number, paced: boolean): unknown[] {
  const { start, deltas } = claudeParts(isObject(block) ? block : {}, (text) => pieces(text, paced))
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function claudeParts(block: Readonly<Record<string, unknown>>, cut: (text: string) => string[]) {
  if (block['type'] === 'tool_use') {
    const deltas = cut(JSON.stringify(block['input'])).map((partial_json) => ({
      type: 'input_json_delta',
      partial_json,
    }))
    return { start: { ...block, input: {} }, deltas }
  }
  const deltas = cut(textOf(block, 'text') ?? '').map((text) => ({ type: 'text_delta', text }))
  return { start: { ...block, text: '' }, deltas }
}

function choiceChunks(answer: unknown, paced: boolean): unknown[] {
  const { choices, ...rest } = isObject(answer) ? answer : {}
  const [choice] = listOf(choices)
  const texts = pieces(textOf(choice, 'message', 'content') ?? '', paced)
  const { usage, ...common } = rest
  const chunk = (delta: unknown, finish_reason: unknown) => ({
    ...common,
    choices: [{ index: 0, delta, finish_reason }],
  })
  return [
    ...texts.map((content, at) => chunk(at === 0 ? { role: 'assistant', content } : { content }, null)),
    { ...chunk({}, fieldOf(choice, 'finish_reason') ?? 'stop'), usage },
  ]
}
