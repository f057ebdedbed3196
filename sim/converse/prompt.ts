// A Converse request as the model reads it: blocks in the order tools, system, messages, with the tokens of each. Pure.
import { fieldOf, isObject, listOf } from '../json.ts'

/** One block of a prompt. */
export interface PromptBlock {
  /** Identifies the block: its JSON, with the role of its message. */
  text: () => string
  tokens: number
  /** The lifetime of a cache point that is right after the block. */
  cachedFor?: '5m' | '1h'
}

/** The blocks of a request, in the order in which they are processed and cached. */
export function promptBlocks(body: unknown): PromptBlock[] {
  const blocks: PromptBlock[] = []
  const add = (block: unknown, place: string) => {
    const point = fieldOf(block, 'cachePoint')
    const last = blocks.at(-1)
    if (point === undefined)
      blocks.push({ text: () => `${place} ${JSON.stringify(block)}`, tokens: tokensOf(block) })
    else if (last !== undefined) last.cachedFor = fieldOf(point, 'ttl') === '1h' ? '1h' : '5m'
  }
  for (const tool of listOf(fieldOf(body, 'toolConfig', 'tools'))) add(tool, 'tool')
  for (const block of listOf(fieldOf(body, 'system'))) add(block, 'system')
  for (const [index, message] of listOf(fieldOf(body, 'messages')).entries()) {
    const place = `${index} ${String(fieldOf(message, 'role'))}`
    for (const block of listOf(fieldOf(message, 'content'))) add(block, place)
  }
  return blocks
}

/** The tokens of a whole request: four characters to a token, rounded up once. */
export function promptTokens(body: unknown): number {
  return Math.ceil(promptBlocks(body).reduce((sum, { tokens }) => sum + tokens, 0))
}

const CHARACTERS_OF_A_TOKEN = 4
/** What files cost, whatever their size. */
const FILE_TOKENS: Readonly<Record<string, number>> = {
  image: 1_500,
  document: 1_500,
  video: 3_000,
  audio: 1_500,
}

/** Not rounded. Files count a fixed number; all else counts by its texts, and tools by their whole JSON. */
function tokensOf(block: unknown): number {
  if (fieldOf(block, 'toolSpec') !== undefined) return JSON.stringify(block).length / CHARACTERS_OF_A_TOKEN
  return measured(block)
}

function measured(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_OF_A_TOKEN
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + measured(item), 0)
  if (!isObject(value)) return 0
  return Object.entries(value).reduce((sum, [name, field]) => {
    const file = isObject(field) && isObject(field['source']) ? FILE_TOKENS[name] : undefined
    return sum + (file ?? measured(field))
  }, 0)
}
