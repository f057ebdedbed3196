// The answer of a scripted turn: its content blocks and stop reason, from the script and the request. The same request always has the
// same answer, so a call that is sent again gets it again. Pure.
import { type ConverseAnswer, converseAnswer, type Usage } from '../answers.ts'
import { fieldOf, isObject, listOf, textOf } from '../json.ts'
import { exampleOf } from '../schema/example.ts'
import type { Script, Turn } from './script.ts'

/** The answer of the turn with this number, from 0; undefined after the last one. */
export function scriptedTurn(
  script: Script,
  number: number,
  body: unknown,
  usage: Usage | undefined,
): ConverseAnswer | undefined {
  const { turns = ownTurn(script) } = script
  const turn = turns[number]
  if (turn === undefined) return undefined
  return answerOf(typeof turn === 'string' ? { text: turn } : turn, number, body, script.usage ?? usage)
}

/** A script whose turn is in its own fields has one turn. */
function ownTurn({ text, reasoning, tools, content, stop }: Script): readonly Turn[] {
  const own = { text, reasoning, tools, content, stop }
  return Object.values(own).some((value) => value !== undefined) ? [own] : []
}

/** An answer that asks for tools, each with an input that its schema accepts. */
export function toolTurn(
  names: readonly string[],
  number: number,
  body: unknown,
  usage?: Usage,
): ConverseAnswer {
  return answerOf({ tools: names }, number, body, usage)
}

function answerOf(turn: Turn, number: number, body: unknown, usage: Usage | undefined): ConverseAnswer {
  const { text, reasoning, tools = [], content, stop } = turn
  const blocks = content ?? [
    ...(reasoning === undefined ? [] : [reasoningBlock(reasoning)]),
    ...(text === undefined ? [] : [{ text }]),
    ...tools.map((tool, index) => toolUse(tool, `tooluse_${number + 1}_${index + 1}`, body)),
  ]
  const asksTools = blocks.some((block) => Object.hasOwn(block, 'toolUse'))
  return converseAnswer(blocks, stop ?? (asksTools ? 'tool_use' : 'end_turn'), usage)
}

/** The signature is the text in base64: whoever changes either breaks the pair, which the stand-in notices. */
function reasoningBlock(text: string): Record<string, unknown> {
  return { reasoningContent: { reasoningText: { text, signature: signatureOf(text) } } }
}

/** The signature of a reasoning text. */
export function signatureOf(text: string): string {
  return Buffer.from(text).toString('base64')
}

function toolUse(tool: string | Readonly<Record<string, unknown>>, toolUseId: string, body: unknown) {
  const [name = '', input] = typeof tool === 'string' ? [tool] : (Object.entries(tool)[0] ?? [])
  return { toolUse: { toolUseId, name, input: input ?? exampleOf(inputSchema(body, name)) ?? {} } }
}

function inputSchema(body: unknown, name: string): unknown {
  const tool = listOf(fieldOf(body, 'toolConfig', 'tools')).find(
    (candidate) => textOf(candidate, 'toolSpec', 'name') === name,
  )
  return fieldOf(tool, 'toolSpec', 'inputSchema', 'json')
}

/** The names of the tools that a request offers. */
export function offeredTools(body: unknown): string[] {
  const tools = listOf(fieldOf(body, 'toolConfig', 'tools'))
  return tools.flatMap((tool) => textOf(tool, 'toolSpec', 'name') ?? [])
}

/** The results of tools in the last message, as the text `name: result`, a line each; undefined when it has none. */
export function toolResultsText(body: unknown): string | undefined {
  const messages = listOf(fieldOf(body, 'messages'))
  const results = listOf(fieldOf(messages.at(-1), 'content')).flatMap(
    (block) => fieldOf(block, 'toolResult') ?? [],
  )
  if (results.length === 0) return undefined
  const names = new Map<unknown, unknown>()
  for (const message of messages) {
    for (const block of listOf(fieldOf(message, 'content'))) {
      const use = fieldOf(block, 'toolUse')
      if (isObject(use)) names.set(use['toolUseId'], use['name'])
    }
  }
  const line = (result: unknown) =>
    `${names.get(fieldOf(result, 'toolUseId'))}: ${listOf(fieldOf(result, 'content')).map(shown).join(' ')}`
  return results.map(line).join('\n')
}

function shown(block: unknown): string {
  const json = fieldOf(block, 'json')
  return json === undefined
    ? (textOf(block, 'text') ?? Object.keys(isObject(block) ? block : {})[0] ?? '')
    : JSON.stringify(json)
}
