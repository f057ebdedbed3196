// Answers in the form of a model's own API, as InvokeModel gives them. Pure.
import {
  type ConverseAnswer,
  converseAnswer,
  converseUsage,
  INVOKE_USAGE,
  type InvokeAnswer,
} from '../answers.ts'
import { fieldOf, listOf, objectOf, parseExact, textOf } from '../json.ts'

/** Nova's text models; their other bodies have no messages. */
const NOVA = /amazon\.nova-/

/** An answer in the form of InvokeModel: of Claude's Messages API where the body is of it, of Nova for its models, else a chat completion. */
export function nativeAnswer(
  name: string,
  parsed: unknown,
  answer: ConverseAnswer,
  usage = INVOKE_USAGE,
): InvokeAnswer {
  if (textOf(parsed, 'anthropic_version') !== undefined) return claudeMessage(name, answer, usage)
  if (NOVA.test(name) && fieldOf(parsed, 'messages') !== undefined) return novaAnswer(answer, usage)
  const texts = listOf(answer.content).flatMap((block) => textOf(block, 'text') ?? [])
  return chatCompletion(name, texts.join('\n'), usage)
}

/**
 * An answer of InvokeModel as a guardrail lets it through: with its texts, or what is said in their place, and with the fields that
 * Bedrock adds to the model's own. Answers without texts pass.
 */
export function guardedNative(
  answer: InvokeAnswer,
  { name, parsed }: { name: string; parsed: unknown },
  guard: (answer: ConverseAnswer) => ConverseAnswer,
): InvokeAnswer {
  const text = nativeText(answer.json)
  if (text === undefined) return answer
  const guarded = guard(converseAnswer([{ text }]))
  const intervened = guarded.stopReason === 'guardrail_intervened'
  const native = intervened ? nativeAnswer(name, parsed, guarded, answer.usage) : answer
  const trace = fieldOf(guarded.further, 'trace')
  const fields = {
    ...objectOf(parseExact(native.json)),
    'amazon-bedrock-guardrailAction': intervened ? 'INTERVENED' : 'NONE',
    ...(trace !== undefined && { 'amazon-bedrock-trace': trace }),
  }
  return { ...native, json: JSON.stringify(fields) }
}

/** The text of a message of Claude or Nova, or of a chat completion. */
function nativeText(json: string): string | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(json)
  } catch {
    return undefined
  }
  const content = fieldOf(answer, 'content') ?? fieldOf(answer, 'output', 'message', 'content')
  const texts = listOf(content).flatMap((block) => textOf(block, 'text') ?? [])
  return texts.length > 0
    ? texts.join('\n')
    : textOf(listOf(fieldOf(answer, 'choices'))[0], 'message', 'content')
}

/** The chat completion that a Jamba model gives, with the text as its content. */
function chatCompletion(model: string, text: string, usage = INVOKE_USAGE): InvokeAnswer {
  const { inputTokens, outputTokens } = usage
  const message = { role: 'assistant', content: text, tool_calls: null }
  const completion = {
    id: 'chatcmpl-1',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
    meta: { requestDurationMillis: 7 },
    model,
  }
  return { kind: 'invoke', json: JSON.stringify(completion), usage }
}

/** Nova's answer has the form of Converse's (https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema-response.html). */
function novaAnswer({ content = [], stopReason }: ConverseAnswer, usage = INVOKE_USAGE): InvokeAnswer {
  const output = { message: { content, role: 'assistant' } }
  return { kind: 'invoke', json: JSON.stringify({ output, stopReason, usage: converseUsage(usage) }), usage }
}

/** The message that Claude gives to InvokeModel, with the blocks of a Converse answer. */
function claudeMessage(
  model: string,
  { content = [], stopReason }: ConverseAnswer,
  usage = INVOKE_USAGE,
): InvokeAnswer {
  const message = {
    id: 'msg_bdrk_1',
    type: 'message',
    role: 'assistant',
    model,
    content: content.map(claudeBlock),
    stop_reason: stopReason,
    stop_sequence: null,
    usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
  }
  return { kind: 'invoke', json: JSON.stringify(message), usage }
}

function claudeBlock(block: Readonly<Record<string, unknown>>): unknown {
  if (typeof block['text'] === 'string') return { type: 'text', text: block['text'] }
  const { toolUseId, name, input } = objectOf(block['toolUse'])
  return toolUseId === undefined ? block : { type: 'tool_use', id: toolUseId, name, input }
}
