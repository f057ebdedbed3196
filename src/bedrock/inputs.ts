// All inputs of a task, in the order of the element template. The binding checks values by them, and the templates are generated from them.
import { isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
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

/** The inputs in an action's `data` that the stock connector has not. */
interface OwnData {
  readonly kinds: ReadonlyMap<string, readonly InputKind[]>
  readonly names: ReadonlySet<string>
  /** Paths of members of inputs. */
  readonly members: readonly (readonly string[])[]
}

/** Made once: each job with such inputs asks for all of it. */
const OWN: Readonly<Record<ActionName, OwnData>> = {
  converse: ownData('converse'),
  invokeModel: ownData('invokeModel'),
  countTokens: ownData('countTokens'),
  applyGuardrail: ownData('applyGuardrail'),
  invokeGuardrailChecks: ownData('invokeGuardrailChecks'),
}

function ownData(action: ActionName): OwnData {
  const own = INPUTS.filter(
    ({ name, stock, actions }) => name.startsWith(DATA) && !stock && actions?.includes(action) !== false,
  )
  const kinds = new Map(own.map(({ name, kinds }) => [name.slice(DATA.length), kinds]))
  const paths = [...kinds.keys()].map((path) => path.split('.'))
  return {
    kinds,
    names: new Set(paths.map(([name = '']) => name)),
    members: paths.filter(({ length }) => length > 1),
  }
}

/** Names of the inputs in an action's `data` that the stock connector has not. */
export function ownInputs(action: ActionName): ReadonlySet<string> {
  return OWN[action].names
}

/**
 * The data without those described members, such as `guardrailConfig.trace`, that are null or blank: an expression gives either for nothing.
 * An object that has only such members is left out.
 */
export function withoutAbsent(action: ActionName, data: JsonObject): JsonObject {
  return OWN[action].members.reduce(withoutAbsentAt, data)
}

function withoutAbsentAt(value: JsonObject, [name = '', ...steps]: readonly string[]): JsonObject {
  const member = value[name]
  if (member === undefined) return value
  if (steps.length === 0) return isAbsent(member) ? without(value, name) : value
  if (!isJsonObject(member)) return value
  const left = withoutAbsentAt(member, steps)
  if (left === member) return value
  return Object.keys(left).length === 0 ? without(value, name) : { ...value, [name]: left }
}

function isAbsent(value: JsonValue): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

function without(value: JsonObject, name: string): JsonObject {
  const { [name]: _, ...others } = value
  return others
}

/** What the values of an action's `data` may be, by their path in it: `system`, `guardrailConfig.trace`; without the stock connector's. */
export function dataKinds(action: ActionName): ReadonlyMap<string, readonly InputKind[]> {
  return OWN[action].kinds
}
