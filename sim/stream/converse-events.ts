// The events of ConverseStream, in the order in which Bedrock sends them. Folded together they are the answer of Converse. Pure.
import type { ConverseAnswer } from '../answers.ts'
import { converseUsage } from '../answers.ts'
import { fieldOf, isObject, listOf, textOf } from '../json.ts'
import { eventFrame } from './frames.ts'
import { pieces } from './pieces.ts'

/** One event, and the tokens that it took to generate. */
export interface StreamEvent {
  frame: Uint8Array
  tokens: number
}

/** An event before it is framed. */
export interface ConverseStep {
  readonly type: string
  readonly payload: unknown
  readonly tokens: number
}

type Delta = Readonly<Record<string, unknown>>

/** All events of an answer. `paced`: text in pieces of a token each, otherwise in two halves. */
export function converseEvents(answer: ConverseAnswer, latencyMs: number, paced: boolean): StreamEvent[] {
  return converseSteps(answer, latencyMs, paced).map(({ type, payload, tokens }) => ({
    frame: eventFrame(type, payload),
    tokens,
  }))
}

export function converseSteps(answer: ConverseAnswer, latencyMs: number, paced: boolean): ConverseStep[] {
  const { additionalModelResponseFields, ...further } = answer.further ?? {}
  const { content = [], stopReason } = answer
  const broken = stopReason === 'malformed_tool_use'
  const stop = {
    stopReason,
    ...(additionalModelResponseFields !== undefined && { additionalModelResponseFields }),
  }
  return [
    event('messageStart', { role: 'assistant' }),
    ...content.flatMap((block, index) => blockEvents(block, index, { paced, broken })),
    event('messageStop', stop),
    event('metadata', { usage: converseUsage(answer.usage), metrics: { latencyMs }, ...further }),
  ]
}

function event(type: string, payload: unknown, tokens = 0): ConverseStep {
  return { type, payload, tokens }
}

function blockEvents(
  block: Delta,
  contentBlockIndex: number,
  { paced, broken }: { paced: boolean; broken: boolean },
): ConverseStep[] {
  const { start, deltas } = partsOf(block, (text) => pieces(text, paced))
  // A tool's input that is no JSON ends in the middle.
  const kept = broken && start !== undefined ? deltas.slice(0, Math.ceil(deltas.length / 2)) : deltas
  return [
    ...(start === undefined ? [] : [event('contentBlockStart', { contentBlockIndex, start })]),
    ...kept.map((delta) => event('contentBlockDelta', { contentBlockIndex, delta }, tokensOf(delta))),
    event('contentBlockStop', { contentBlockIndex }),
  ]
}

function tokensOf(delta: Delta): number {
  return Math.ceil(JSON.stringify(delta).length / 16)
}

/** How a block goes out: what starts it, if anything does, and the deltas that it is added up from. */
function partsOf(block: Delta, cut: (text: string) => string[]): { start?: Delta; deltas: readonly Delta[] } {
  const { text, toolUse, toolResult, reasoningContent, citationsContent, image } = block
  if (typeof text === 'string') return { deltas: cut(text).map((piece) => ({ text: piece })) }
  if (isObject(toolUse)) {
    const { input, ...start } = toolUse
    return {
      start: { toolUse: start },
      deltas: cut(JSON.stringify(input)).map((piece) => ({ toolUse: { input: piece } })),
    }
  }
  if (isObject(toolResult)) {
    const { content, ...start } = toolResult
    return {
      start: { toolResult: start },
      deltas: listOf(content).map((result) => ({ toolResult: [result] })),
    }
  }
  if (isObject(reasoningContent)) {
    return { deltas: reasoningDeltas(reasoningContent, cut).map((delta) => ({ reasoningContent: delta })) }
  }
  if (isObject(citationsContent)) {
    const texts = listOf(citationsContent['content']).flatMap((part) => cut(textOf(part, 'text') ?? ''))
    const citations = listOf(citationsContent['citations'])
    return {
      deltas: [...texts.map((piece) => ({ text: piece })), ...citations.map((citation) => ({ citation }))],
    }
  }
  if (isObject(image)) {
    const { format, ...delta } = image
    return { start: { image: { format } }, deltas: [{ image: delta }] }
  }
  return { deltas: [block] }
}

function reasoningDeltas(content: Delta, cut: (text: string) => string[]): Delta[] {
  const { redactedContent } = content
  if (redactedContent !== undefined) return [{ redactedContent }]
  const signature = fieldOf(content, 'reasoningText', 'signature')
  return [
    ...cut(textOf(content, 'reasoningText', 'text') ?? '').map((text) => ({ text })),
    ...(signature === undefined ? [] : [{ signature }]),
  ]
}
