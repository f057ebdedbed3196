// The size of a request, to estimate the tokens of its call. Pure; keeps nothing of the request.
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberText,
  stringifyJson,
} from '../job/json.ts'

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

/** The size of a Converse body in Bedrock's form: its messages, its system prompt and its tools. */
export function converseSize(body: JsonObject, maxTokens: number | null): CallSize {
  const size = { characters: 0, images: 0, documentBytes: 0 }
  const { messages, system, toolConfig } = body
  const blocks = (isJsonArray(messages) ? messages : []).flatMap((message) => {
    const content = isJsonObject(message) ? message['content'] : undefined
    return isJsonArray(content) ? content : []
  })
  for (const block of blocks) addBlock(size, block)
  for (const block of isJsonArray(system) ? system : []) addBlock(size, block)
  if (toolConfig !== undefined) size.characters += stringifyJson(toolConfig).length
  return { ...size, maxTokens: limitOf(body) ?? maxTokens }
}

function addBlock(
  size: { characters: number; images: number; documentBytes: number },
  block: JsonValue,
): void {
  if (!isJsonObject(block)) return
  const { text, image, document, video, audio, toolResult } = block
  if (typeof text === 'string') size.characters += text.length
  else if (image !== undefined) size.images += 1
  else if (isJsonObject(document)) {
    const bytes = bytesOf(document)
    if (TEXT_FORMATS.has(String(document['format']))) size.characters += bytes
    else size.documentBytes += bytes
  } else if (isJsonObject(video) || isJsonObject(audio)) size.documentBytes += bytesOf(video ?? audio)
  else if (isJsonObject(toolResult) && isJsonArray(toolResult['content']))
    for (const item of toolResult['content']) addBlock(size, item)
  else size.characters += stringifyJson(block).length
}

function bytesOf(content: JsonValue | undefined): number {
  const source = isJsonObject(content) ? content['source'] : undefined
  if (!isJsonObject(source)) return 0
  const { bytes, text } = source
  if (typeof text === 'string') return text.length
  if (typeof bytes !== 'string') return 0
  return Math.floor((bytes.length * 3) / 4) - (bytes.endsWith('==') ? 2 : bytes.endsWith('=') ? 1 : 0)
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
