// Which script a call has: its directives', or that of the first rule of the settings that matches its model. Pure.
import { fieldOf, listOf, textOf } from '../json.ts'
import type { ScriptRule } from '../settings.ts'
import { makeMatcher } from '../wildcard.ts'
import { type Directed, readDirectives } from './directive.ts'

/**
 * The script of a call with this parsed body, and the number of its turn.
 * @returns undefined without one; a text that says what is wrong when a directive cannot be read.
 */
export function scriptOf(
  body: unknown,
  model: string,
  rules: readonly ScriptRule[],
): Directed | string | undefined {
  const directed = readDirectives(body)
  const rule = rules.find(({ model: pattern }) => makeMatcher(pattern)(model))
  if (rule === undefined || typeof directed === 'string') return directed
  const { model: _, ...script } = rule
  if (directed !== undefined) return { script: { ...script, ...directed.script }, turn: directed.turn }
  const messages = listOf(fieldOf(body, 'messages'))
  return { script, turn: messages.filter((message) => textOf(message, 'role') === 'assistant').length }
}
