// Rules of a conversation beyond the shapes of its fields: the order of roles, tools and their results, cache points, documents, prompts
// from Prompt management. Bedrock answers with the first rule that is broken. Pure.
import { fieldOf, isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts'

/** What Bedrock answers to a conversation that breaks a rule; undefined when none does. */
export function conversationProblem(body: unknown, model: string): string | undefined {
  const isPrompt = /^arn:[^:]+:bedrock:[^:]*:[^:]*:prompt\//.test(model)
  return (
    promptProblem(body, isPrompt) ??
    messagesProblem(body, isPrompt) ??
    toolsProblem(body) ??
    cacheProblem(body)
  )
}

const MOST_CACHE_POINTS = 4
const MOST_DOCUMENTS = 5
/** Fields that a prompt from Prompt management has itself. */
const OF_PROMPTS = ['additionalModelRequestFields', 'inferenceConfig', 'system', 'toolConfig']

function promptProblem(body: unknown, isPrompt: boolean): string | undefined {
  if (!isPrompt) {
    return fieldOf(body, 'promptVariables') === undefined
      ? undefined
      : 'The promptVariables field can only be set when the modelId is the ARN of a prompt.'
  }
  const given = OF_PROMPTS.filter((name) => fieldOf(body, name) !== undefined)
  return given.length === 0
    ? undefined
    : `The following fields can't be set when you use a prompt from Prompt management: ${given.join(', ')}.`
}

/** User and assistant take turns; messages with the role system may be between them. */
function messagesProblem(body: unknown, isPrompt: boolean): string | undefined {
  const messages = listOf(fieldOf(body, 'messages')).map(objectOf)
  const [first] = messages
  if (first === undefined ? !isPrompt : first['role'] !== 'user') {
    return 'A conversation must start with a user message. Try again with a conversation that starts with a user message.'
  }
  const speakers = messages.filter(({ role }) => role !== 'system')
  if (speakers.some(({ role }, index) => index > 0 && role === speakers[index - 1]?.['role'])) {
    return 'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.'
  }
  for (const [index, message] of messages.entries()) {
    const problem = messageProblem(message, `messages.${index}`)
    if (problem !== undefined) return problem
  }
  const documents = messages
    .flatMap(({ content }) => listOf(content))
    .filter((block) => fieldOf(block, 'document'))
  return documents.length > MOST_DOCUMENTS
    ? `The number of documents in the request exceeds the limit of ${MOST_DOCUMENTS}.`
    : undefined
}

/** Which kinds of blocks a role may not have. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  user: ['toolUse', 'reasoningContent'],
  assistant: ['image', 'document', 'video', 'audio', 'guardContent'],
  system: ['toolUse', 'toolResult', 'reasoningContent', 'image', 'document', 'video', 'audio'],
}

const DOCUMENT_NAME = /^(?!.*\s\s)[a-zA-Z0-9\s\-()[\]]+$/

function messageProblem({ role, content }: JsonObject, at: string): string | undefined {
  const blocks = listOf(content).map(objectOf)
  if (blocks.length === 0) {
    return `The content field in the Message object at ${at} is empty. Add a ContentBlock object to the content field and try again.`
  }
  const hasText = blocks.some((block) => block['text'] !== undefined)
  for (const [index, block] of blocks.entries()) {
    const [kind = ''] = Object.keys(block)
    const place = `${at}.content.${index}`
    if (textOf(block, 'text')?.trim() === '') {
      return `The text field in the ContentBlock object at ${place} is blank. Add text to the text field, and try again.`
    }
    if (FORBIDDEN[String(role)]?.includes(kind)) {
      return `The ContentBlock object at ${place} can't have the key ${kind} in a message with the role ${role}.`
    }
    const name = textOf(block, 'document', 'name')
    if (name !== undefined && !DOCUMENT_NAME.test(name)) {
      return "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character."
    }
    if (name !== undefined && !hasText) {
      return `A text block must be included in the message at ${at} that has a document.`
    }
  }
  return undefined
}

function toolsProblem(body: unknown): string | undefined {
  const messages = listOf(fieldOf(body, 'messages'))
  let asked: string[] = []
  let used = false
  for (const [index, message] of messages.entries()) {
    if (textOf(message, 'role') === 'system') continue
    const answered = idsOf(message, 'toolResult')
    const problem = resultsProblem(asked, answered, `messages.${index}.content`)
    if (problem !== undefined) return problem
    asked = idsOf(message, 'toolUse')
    used ||= asked.length + answered.length > 0
  }
  const tools = fieldOf(body, 'toolConfig', 'tools')
  if (used && tools === undefined) {
    return 'The toolConfig field must be defined when using toolUse and toolResult content blocks.'
  }
  const chosen = textOf(body, 'toolConfig', 'toolChoice', 'tool', 'name')
  const names = listOf(tools).map((tool) => textOf(tool, 'toolSpec', 'name'))
  if (chosen !== undefined && !names.includes(chosen)) {
    return `The tool ${chosen} in the toolChoice field is not among the tools of the toolConfig field.`
  }
  return undefined
}

/** Ids of the tools that the caller runs: those of the server answer within the same message. */
function idsOf(message: unknown, kind: 'toolUse' | 'toolResult'): string[] {
  const blocks = listOf(fieldOf(message, 'content')).map((block) => fieldOf(block, kind))
  return blocks.flatMap((block) =>
    isObject(block) &&
    textOf(message, 'role') === (kind === 'toolUse' ? 'assistant' : 'user') &&
    block['type'] === undefined
      ? (textOf(block, 'toolUseId') ?? [])
      : [],
  )
}

function resultsProblem(
  asked: readonly string[],
  answered: readonly string[],
  at: string,
): string | undefined {
  if (answered.length > asked.length) {
    return `The number of toolResult blocks at ${at} exceeds the number of toolUse blocks of previous turn.`
  }
  const missing = asked.filter((id) => !answered.includes(id))
  if (missing.length > 0)
    return `Expected toolResult blocks at ${at} for the following Ids: ${missing.join(', ')}`
  return undefined
}

function cacheProblem(body: unknown): string | undefined {
  const messages = listOf(fieldOf(body, 'messages')).flatMap((message) => listOf(fieldOf(message, 'content')))
  const blocks = [
    ...listOf(fieldOf(body, 'toolConfig', 'tools')),
    ...listOf(fieldOf(body, 'system')),
    ...messages,
  ]
  const points = blocks.map((block) => fieldOf(block, 'cachePoint')).filter(isObject)
  if (points.length > MOST_CACHE_POINTS) {
    return `The model returned the following errors: A maximum of ${MOST_CACHE_POINTS} blocks with cache_control may be provided. Found ${points.length}.`
  }
  const short = points.findIndex(({ ttl }) => ttl !== '1h')
  if (short !== -1 && points.slice(short).some(({ ttl }) => ttl === '1h')) {
    return "The model returned the following errors: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."
  }
  return undefined
}
