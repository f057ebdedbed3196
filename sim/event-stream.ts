// Answers as AWS event streams (`application/vnd.amazon.eventstream`), framed by the AWS SDK's own codec. Pure.
import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import type { ConverseAnswer, InvokeAnswer } from './answers.ts'

const codec = new EventStreamCodec(toUtf8, fromUtf8)

function frame(eventType: string, payload: unknown): Uint8Array {
  return codec.encode({
    headers: {
      ':event-type': { type: 'string', value: eventType },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: 'event' },
    },
    body: fromUtf8(JSON.stringify(payload)),
  })
}

/** The events of ConverseStream, in the order Bedrock sends them: text comes in two deltas a block. */
export function converseEvents(answer: ConverseAnswer, latencyMs: number): Uint8Array[] {
  const { inputTokens, outputTokens } = answer.usage
  return [
    frame('messageStart', { role: 'assistant' }),
    ...(answer.content ?? []).flatMap(blockEvents),
    frame('messageStop', { stopReason: answer.stopReason }),
    frame('metadata', {
      usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
      metrics: { latencyMs },
    }),
  ]
}

function blockEvents(block: Record<string, unknown>, contentBlockIndex: number): Uint8Array[] {
  const { text } = block
  const deltas = typeof text === 'string' ? halves(text).map((half) => ({ text: half })) : [block]
  return [
    ...deltas.map((delta) => frame('contentBlockDelta', { contentBlockIndex, delta })),
    frame('contentBlockStop', { contentBlockIndex }),
  ]
}

/** The one event of InvokeModelWithResponseStream: the whole answer as a chunk. */
export function invokeEvents(answer: InvokeAnswer): Uint8Array[] {
  return [frame('chunk', { bytes: Buffer.from(answer.json).toString('base64') })]
}

function halves(text: string): string[] {
  const characters = Array.from(text)
  const middle = Math.ceil(characters.length / 2)
  return [characters.slice(0, middle).join(''), characters.slice(middle).join('')].filter(
    (half) => half !== '',
  )
}
