// Adds the events of ConverseStream up to the answer of Converse, as a caller would.
import type { ContentBlock, ConverseStreamOutput } from '@aws-sdk/client-bedrock-runtime'

interface Growing {
  block: Record<string, unknown>
  input: string
}

/** The answer, without its metadata. */
export function fold(events: readonly ConverseStreamOutput[]) {
  const blocks = new Map<number, Growing>()
  const growing = (index = 0) => {
    const block = blocks.get(index) ?? { block: {}, input: '' }
    blocks.set(index, block)
    return block
  }
  const answer: Record<string, unknown> = {}
  for (const { contentBlockStart, contentBlockDelta, messageStop, metadata } of events) {
    if (contentBlockStart !== undefined) {
      Object.assign(
        growing(contentBlockStart.contentBlockIndex).block,
        structuredClone(contentBlockStart.start),
      )
    }
    if (contentBlockDelta !== undefined) {
      add(growing(contentBlockDelta.contentBlockIndex), { ...contentBlockDelta.delta })
    }
    Object.assign(answer, messageStop, metadata)
  }
  const content = [...blocks.values()].map(finished)
  return { ...answer, output: { message: { role: 'assistant', content } } }
}

type Loose = Record<string, Record<string, unknown>>

function add(growing: Growing, delta: Record<string, unknown>): void {
  const block = growing.block as Loose
  const { text, toolUse, toolResult, reasoningContent, citation, image } = delta as Loose
  if (typeof text === 'string') block['text'] = ((block['text'] ?? '') + text) as never
  if (toolUse !== undefined) growing.input += String(toolUse['input'])
  if (toolResult !== undefined) block['toolResult'] = { ...block['toolResult'], content: toolResult }
  if (reasoningContent !== undefined) {
    const { redactedContent, text: more, signature } = reasoningContent
    if (redactedContent !== undefined) block['reasoningContent'] = { redactedContent }
    else {
      const before = (block['reasoningContent']?.['reasoningText'] ?? { text: '' }) as { text: string }
      const reasoningText = {
        ...before,
        text: before.text + String(more ?? ''),
        ...(signature !== undefined && { signature }),
      }
      block['reasoningContent'] = { reasoningText }
    }
  }
  if (citation !== undefined) {
    const { text: cited, ...rest } = block
    block['citations'] = { content: [{ text: cited }], citations: [citation], ...rest } as never
    delete block['text']
  }
  if (image !== undefined) block['image'] = { ...block['image'], ...image }
}

function finished({ block, input }: Growing): ContentBlock {
  const { citations, ...rest } = block
  if (citations !== undefined) return { citationsContent: citations } as unknown as ContentBlock
  if (input !== '') Object.assign(block['toolUse'] as object, { input: JSON.parse(input) })
  return rest as unknown as ContentBlock
}
