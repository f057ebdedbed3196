// Folds the events of ConverseStream to the JSON that Converse would have answered. Pure.
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html)
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, parseJson } from '../job/json.ts'

/** An event, with its payload as JSON. */
export interface StreamEvent {
  readonly type: string
  readonly payload: JsonObject
}

/** Bedrock fills each event up with this member, so that its size does not show the length of a token. */
const PADDING = 'p'

/**
 * The answer of Converse; null for a stream that ended before `messageStop`. Unknown members are kept, and so are unknown events, under
 * their own names.
 */
export function foldConverseStream(events: readonly StreamEvent[]): JsonObject | null {
  const blocks = new Map<number, Block>()
  const blockOf = (payload: JsonObject): Block => {
    const index = Number(payload['contentBlockIndex'] ?? 0)
    const block = blocks.get(index) ?? { fields: {}, input: null, citations: null }
    blocks.set(index, block)
    return block
  }
  let message: JsonObject = {}
  let rest: JsonObject = {}
  let stopped = false
  for (const { type, payload } of events) {
    const { [PADDING]: _padding, ...fields } = payload
    if (type === 'messageStart') message = fields
    else if (type === 'contentBlockStart') start(blockOf(payload), fields['start'])
    else if (type === 'contentBlockDelta') add(blockOf(payload), fields['delta'])
    else if (type === 'messageStop' || type === 'metadata') rest = { ...rest, ...fields }
    else if (type !== 'contentBlockStop') rest = { ...rest, [type]: fields }
    stopped ||= type === 'messageStop'
  }
  if (!stopped) return null
  const content = [...blocks].sort(([one], [other]) => one - other).map(([, block]) => wholeBlock(block))
  return { output: { message: { ...message, content } }, ...rest }
}

/** Characters that the model has generated in these events. */
export function generatedLength(events: readonly StreamEvent[]): number {
  return events
    .filter(({ type }) => type === 'contentBlockDelta')
    .reduce((sum, { payload }) => sum + textLength(payload['delta'] ?? null), 0)
}

/** Characters of all texts in a value. */
export function textLength(value: JsonValue): number {
  if (typeof value === 'string') return value.length
  if (isJsonArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0)
  if (!isJsonObject(value)) return 0
  return Object.values(value).reduce<number>((sum, item) => sum + textLength(item), 0)
}

/** A content block while it is received. */
interface Block {
  fields: Record<string, JsonValue>
  /** JSON text of a tool's input, so far. */
  input: string | null
  citations: JsonValue[] | null
}

function start(block: Block, started: JsonValue | undefined): void {
  if (!isJsonObject(started)) return
  for (const [kind, value] of Object.entries(started)) {
    block.fields[kind] = kind === 'toolResult' ? join({ content: [] }, value) : value
    if (kind === 'toolUse') block.input ??= ''
  }
}

function add(block: Block, delta: JsonValue | undefined): void {
  if (!isJsonObject(delta)) return
  for (const [kind, value] of Object.entries(delta)) {
    const { fields } = block
    if (kind === 'text' && typeof value === 'string') {
      fields['text'] = `${textOf(fields['text'])}${value}`
    } else if (kind === 'toolUse' && isJsonObject(value)) {
      const { input, ...others } = value
      block.input = `${block.input ?? ''}${textOf(input)}`
      fields[kind] = join(fields[kind], others)
    } else if (kind === 'toolResult' && isJsonArray(value)) {
      fields[kind] = join(fields[kind], { content: value })
    } else if (kind === 'reasoningContent' && isJsonObject(value)) {
      const { text, signature, ...others } = value
      const said = {
        ...(text === undefined ? {} : { text }),
        ...(signature === undefined ? {} : { signature }),
      }
      const reasoningText = Object.keys(said).length === 0 ? {} : { reasoningText: said }
      fields[kind] = join(fields[kind], { ...reasoningText, ...others })
    } else if (kind === 'citation') {
      block.citations = [...(block.citations ?? []), value]
    } else {
      fields[kind] = join(fields[kind], value)
    }
  }
}

function wholeBlock({ fields, input, citations }: Block): JsonObject {
  if (input !== null) return { ...fields, toolUse: join(fields['toolUse'], { input: inputOf(input) }) }
  if (citations === null) return fields
  const { text, ...others } = fields
  const content = text === undefined ? [] : [{ text }]
  return { ...others, citationsContent: { content, citations } }
}

/** A tool's input. What is no JSON, as in a `malformed_tool_use`, stays a text. */
export function inputOf(text: string): JsonValue {
  try {
    return text === '' ? {} : parseJson(text)
  } catch {
    return text
  }
}

const BASE64_MEMBERS = new Set(['bytes', 'redactedContent'])

/** Adds a piece to what came before: texts and lists are appended, members of objects are joined, anything else is replaced. */
export function join(before: JsonValue | undefined, piece: JsonValue, member = ''): JsonValue {
  if (typeof before === 'string' && typeof piece === 'string')
    return BASE64_MEMBERS.has(member) ? joinBase64(before, piece) : before + piece
  if (isJsonArray(before) && isJsonArray(piece)) return [...before, ...piece]
  if (!isJsonObject(before) || !isJsonObject(piece)) return piece
  const joined: Record<string, JsonValue> = { ...before }
  for (const [name, value] of Object.entries(piece)) joined[name] = join(before[name], value, name)
  return joined
}

function joinBase64(one: string, other: string): string {
  return Buffer.concat([Buffer.from(one, 'base64'), Buffer.from(other, 'base64')]).toString('base64')
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
