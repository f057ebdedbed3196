// The size of a request, to estimate the tokens of its call. Pure; keeps nothing of the request.
import { isJsonObject, type JsonValue, numberText } from '../job/json.ts'
import type { ConverseCall } from './bedrock-request.ts'

/** The size of a call. */
export interface CallSize {
  /** UTF-16 units of the prompt and of text documents. */
  readonly characters: number
  readonly images: number
  /** Of documents that are not text, such as PDF. */
  readonly documentBytes: number
  /** The most output tokens that the request allows; null if it sets no limit. */
  readonly maxTokens: number | null
}

const TEXT_FORMATS = new Set(['txt', 'md', 'csv', 'html'])

export function converseSize({ prompt, maxTokens }: Pick<ConverseCall, 'prompt' | 'maxTokens'>): CallSize {
  const size = { characters: 0, images: 0, documentBytes: 0 }
  for (const block of prompt.flatMap(({ content }) => content)) {
    if (block.kind === 'text') size.characters += block.text.length
    else if (block.kind === 'image') size.images += 1
    else if (TEXT_FORMATS.has(block.format)) size.characters += block.bytes.length
    else size.documentBytes += block.bytes.length
  }
  return { ...size, maxTokens }
}

/** Where the families put a limit of output tokens (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html). */
const LIMITS: readonly (readonly string[])[] = [
  ['max_tokens'], // Anthropic, Mistral, Cohere, AI21, DeepSeek, OpenAI
  ['max_completion_tokens'], // OpenAI
  ['max_tokens_to_sample'], // Anthropic's text completions
  ['max_gen_len'], // Meta
  ['inferenceConfig', 'maxTokens'], // Amazon Nova
  ['inferenceConfig', 'max_new_tokens'], // Amazon Nova, as first documented
  ['textGenerationConfig', 'maxTokenCount'], // Amazon Titan
  ['maxTokens'], // AI21 Jurassic
  ['max_new_tokens'],
]

/** Names under which bodies carry an image or a document in base64. */
const CONTENTS = new Set(['data', 'bytes', 'image', 'images', 'inputImage', 'init_image'])
/** A shorter text under such a name is data of another kind, such as a table's. */
const SHORTEST_CONTENT = 100
const BASE64 = /^(data:[^,]{1,100},)?[A-Za-z0-9+/\r\n]+={0,2}$/

/** The size of an InvokeModel body, for all model families. */
export function bodySize(value: JsonValue): CallSize {
  const size = { characters: 0, images: 0, documentBytes: 0 }
  // A stack, because a body may be nested deeply.
  const open: { readonly name: string; readonly value: JsonValue; readonly inDocument: boolean }[] = [
    { name: '', value, inDocument: false },
  ]
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { name, value: seen, inDocument } = item
    if (typeof seen === 'string') {
      if (!isContent(name, seen)) size.characters += seen.length
      else if (inDocument) size.documentBytes += Math.floor((seen.length * 3) / 4)
      else size.images += 1
    } else if (isJsonObject(seen)) {
      const within = inDocument || seen['type'] === 'document'
      for (const [key, field] of Object.entries(seen))
        if (mayHoldText(field))
          open.push({ name: key, value: field, inDocument: within || key === 'document' })
    } else if (Array.isArray(seen)) {
      for (const element of seen) if (mayHoldText(element)) open.push({ name, value: element, inDocument })
    }
  }
  return { ...size, maxTokens: limitOf(value) }
}

function mayHoldText(value: JsonValue): boolean {
  return typeof value === 'string' || (typeof value === 'object' && value !== null)
}

function isContent(name: string, text: string): boolean {
  return CONTENTS.has(name) && text.length >= SHORTEST_CONTENT && BASE64.test(text.trimEnd())
}

function limitOf(body: JsonValue): number | null {
  for (const path of LIMITS) {
    const found = path.reduce<JsonValue | undefined>(
      (value, name) => (isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      body,
    )
    const limit = Number(numberText(found ?? null) ?? Number.NaN)
    if (Number.isFinite(limit) && limit >= 0) return Math.ceil(limit)
  }
  return null
}
