// All inputs of a task, in the order of the element template. The binding checks values by them, and the templates are generated from them.
import type { ActionName, Input, InputKind } from './input.ts'
import { CONVERSE_INPUTS } from './inputs/converse.ts'
import { CREDENTIAL_INPUTS } from './inputs/credentials.ts'
import { OTHER_ACTION_INPUTS } from './inputs/other-actions.ts'
import { ANSWER_INPUTS, CALL_INPUTS } from './inputs/shared.ts'

export const INPUTS: readonly Input[] = [
  ...CALL_INPUTS,
  ...CONVERSE_INPUTS,
  ...OTHER_ACTION_INPUTS,
  ...ANSWER_INPUTS,
  ...CREDENTIAL_INPUTS,
]

const DATA = 'data.'

const OWN = new Map<ActionName, ReadonlySet<string>>()

/** Names of the inputs in an action's `data` that the stock connector has not. */
export function ownInputs(action: ActionName): ReadonlySet<string> {
  const known = OWN.get(action)
  if (known !== undefined) return known
  const names = new Set([...dataKinds(action).keys()].map((path) => path.replace(/\..*$/, '')))
  OWN.set(action, names)
  return names
}

/** What the values of an action's `data` may be, by their path in it: `system`, `guardrailConfig.trace`; without the stock connector's. */
export function dataKinds(action: ActionName): ReadonlyMap<string, readonly InputKind[]> {
  const own = INPUTS.filter(
    ({ name, stock, actions }) => name.startsWith(DATA) && !stock && actions?.includes(action) !== false,
  )
  return new Map(own.map(({ name, kinds }) => [name.slice(DATA.length), kinds]))
}
