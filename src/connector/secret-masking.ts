// Values of secrets out of what a job's failure says. Pure. A value is replaced wherever it stands, as it is and as
// JSON writes it; the code of an error is left, since diagrams catch errors by it.

import type { CallFailure } from '../job/call-failure.ts'
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import type { Outcome } from '../job/outcome.ts'
import type { ConnectorError } from './connector-error.ts'

/** A secret that an execution used. */
export interface UsedSecret {
  readonly name: string
  readonly value: string
}

/** Replaces values of secrets in a text by `***`. */
export type Mask = (text: string) => string

/** A value as it stands within JSON text. */
export function jsonForm(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

/** The longest value first: one that another begins with would leave the other's rest (connector contract 3.2). */
export function makeMask(used: readonly UsedSecret[]): Mask {
  const values = new Set(used.flatMap(({ value }) => [value, jsonForm(value)]).filter((form) => form !== ''))
  const forms = [...values].sort((one, other) => other.length - one.length)
  return (text) => forms.reduce((masked, form) => masked.replaceAll(form, () => '***'), text)
}

/** Texts and property names of a JSON value, masked; numbers and booleans stay, since processes branch on them. */
export function maskJson(value: JsonValue, mask: Mask): JsonValue {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskJson(item, mask))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskJson(item, mask)]))
}

/** The failure as diagrams and people may see it. */
export function maskError(error: ConnectorError, mask: Mask): ConnectorError {
  return { ...error, message: mask(error.message) }
}

/** The failure of a call as Redis may keep it. */
export function maskCallFailure(failure: CallFailure, mask: Mask): CallFailure {
  return { ...failure, message: mask(failure.message) }
}

/** Something thrown, as a log may show it. */
export function maskThrown(error: unknown, mask: Mask): unknown {
  if (!(error instanceof Error)) return mask(String(error))
  const masked = new Error(mask(error.message))
  masked.name = error.name
  masked.stack = mask(error.stack ?? '')
  return masked
}

/** What Zeebe is told of a job that did not complete. Results are the diagram's own and stay as they are. */
export function maskOutcome(outcome: Outcome, mask: Mask): Outcome {
  if (outcome.kind === 'completed') return outcome
  const variables = parseJson(outcome.variables)
  return {
    ...outcome,
    errorMessage: mask(outcome.errorMessage),
    variables: stringifyJson(isJsonObject(variables) ? maskVariables(variables, mask) : variables),
  }
}

function maskVariables(variables: { readonly [key: string]: JsonValue }, mask: Mask): JsonValue {
  return Object.fromEntries(
    Object.entries(variables).map(([key, value]) => {
      if (key !== 'error' || !isJsonObject(value)) return [mask(key), maskJson(value, mask)]
      const { type, code } = value
      const masked = maskJson(value, mask)
      return [
        key,
        {
          ...(isJsonObject(masked) ? masked : {}),
          ...(type === undefined ? {} : { type }),
          ...(code === undefined ? {} : { code }),
        },
      ]
    }),
  )
}
