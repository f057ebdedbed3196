// What a model answers to Converse without a script: a document where a JSON schema is asked for, the tool that the request insists on,
// the results of tools, or an echo. Pure.
import { type ConverseAnswer, converseAnswer, echoAnswer, type Usage } from '../answers.ts'
import { fieldOf, textOf } from '../json.ts'
import { exampleOf, violationOf } from '../schema/example.ts'
import { withoutDirectives } from '../script/directive.ts'
import { offeredTools, toolResultsText, toolTurn } from '../script/turn.ts'

/** What a script may change of a normal answer. */
export interface Wishes {
  usage?: Usage | undefined
  /** The number of answers before, for the ids of tool uses. */
  turn: number
  /** Whether a document violates its schema. */
  violate: boolean
  /** In place of a generated document. */
  document?: unknown
}

/** The normal answer to a request with this last text. */
export function normalConverse(body: unknown, lastText: string, wishes: Wishes): ConverseAnswer {
  const { usage, turn, violate, document } = wishes
  const results = toolResultsText(body)
  const insisted = results === undefined ? insistedTool(body) : undefined
  if (insisted !== undefined) return toolTurn([insisted], turn, body, usage)
  const schema = askedSchema(body)
  if (schema !== undefined) {
    const answer = violate ? violationOf(schema) : (document ?? exampleOf(schema))
    return converseAnswer([{ text: JSON.stringify(answer) }], 'end_turn', usage)
  }
  const text = withoutDirectives(lastText)
  if (results !== undefined && text === '') {
    return converseAnswer([{ text: `Results:\n${results}` }], 'end_turn', usage)
  }
  return echoAnswer(text, usage)
}

/** The JSON schema that the answer must fit; undefined if the request has none, or its text is not JSON. */
export function askedSchema(body: unknown): unknown {
  const text = schemaText(body)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The text of the schema. */
export function schemaText(body: unknown): string | undefined {
  return textOf(body, 'outputConfig', 'textFormat', 'structure', 'jsonSchema', 'schema')
}

function insistedTool(body: unknown): string | undefined {
  const choice = fieldOf(body, 'toolConfig', 'toolChoice')
  const named = textOf(choice, 'tool', 'name')
  return named ?? (fieldOf(choice, 'any') === undefined ? undefined : offeredTools(body)[0])
}
