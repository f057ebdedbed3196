// Reads a request to Bedrock from its raw path and body. Pure.

/** What the stand-in serves. */
export type Operation =
  | 'invoke'
  | 'converse'
  | 'converse-stream'
  | 'invoke-with-response-stream'
  | 'count-tokens'
  | 'apply-guardrail'
  | 'guardrail-checks'

/** The operation of a raw path, and what it is of. */
export interface CallPath {
  operation: Operation
  /** The decoded id or ARN of a model or a guardrail; `guardrail-checks` for that operation. */
  model: string
  /** The version of a guardrail. */
  version?: string
}

const MODEL_PATH =
  /^\/model\/(.+)\/(invoke|converse|converse-stream|invoke-with-response-stream|count-tokens)$/
const GUARDRAIL_PATH = /^\/guardrail\/(.+)\/version\/([^/]+)\/apply$/

/** Reads a raw path (query allowed); undefined when it names no operation or its encoding is broken. */
export function readCallPath(path: string): CallPath | undefined {
  const [bare = ''] = path.split('?', 1)
  if (bare === '/guardrail-checks/invoke') return { operation: 'guardrail-checks', model: 'guardrail-checks' }
  try {
    const [, guardrail, version] = GUARDRAIL_PATH.exec(bare)?.map(decodeURIComponent) ?? []
    if (guardrail !== undefined && version !== undefined)
      return { operation: 'apply-guardrail', model: guardrail, version }
    const [, model, operation] = MODEL_PATH.exec(bare)?.map(decodeURIComponent) ?? []
    return model === undefined ? undefined : { operation: operation as Operation, model }
  } catch {
    return undefined
  }
}

/** Whether the operation takes a Converse body; the others take whatever the model takes. */
export function isConverse(operation: Operation): boolean {
  return operation === 'converse' || operation === 'converse-stream'
}

/** Whether the operation answers with an event stream. */
export function isStream(operation: Operation): boolean {
  return operation === 'converse-stream' || operation === 'invoke-with-response-stream'
}

/** What the stand-in needs of a request body. */
export interface CallBody {
  /** Characters of text in the messages, or of the whole body where it has none. */
  textLength: number
  /** The last text block of the last message, or an empty text. */
  lastText: string
  /** The maximum of output tokens, if the body has one. */
  maxTokens: number | undefined
}

/** The names of the output limit, which may be anywhere in the body. */
const MAX_TOKENS = new Set([
  'maxTokens',
  'max_tokens',
  'max_tokens_to_sample',
  'max_completion_tokens',
  'max_gen_len',
  'max_new_tokens',
  'maxTokenCount',
])

/** Reads a body that was parsed. `characters`: the length of its text, which counts where there is no other. */
export function readCallBody(body: unknown, characters: number): CallBody {
  const found: CallBody = { textLength: 0, lastText: lastTextOf(body), maxTokens: undefined }
  measure(body, found)
  if (found.textLength === 0) found.textLength = characters
  return found
}

/** Input tokens for the reservation, before the model has counted them: four characters to a token. */
export function estimateInputTokens({ textLength }: CallBody): number {
  return Math.ceil(textLength / 4)
}

function measure(value: unknown, found: CallBody): void {
  if (Array.isArray(value)) {
    for (const item of value) measure(item, found)
    return
  }
  for (const [name, field] of fieldsOf(value)) {
    if (typeof field === 'number' && MAX_TOKENS.has(name)) found.maxTokens = field
    else if (typeof field === 'string' && TEXTS.has(name)) found.textLength += field.length
    else if (typeof field === 'object') measure(field, found)
  }
}

/** The fields that hold prompt text; images and documents are not counted by their bytes. */
const TEXTS = new Set(['text', 'content', 'prompt', 'inputText', 'system'])

function lastTextOf(body: unknown): string {
  const messages = fieldOf(body, 'messages')
  const content = Array.isArray(messages) ? fieldOf(messages.at(-1), 'content') : undefined
  const blocks = Array.isArray(content) ? content : []
  const texts = blocks.map((block) => fieldOf(block, 'text'))
  return texts.findLast((text) => typeof text === 'string') ?? ''
}

function fieldsOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function fieldOf(value: unknown, name: string): unknown {
  return fieldsOf(value).find(([field]) => field === name)?.[1]
}
