// Removes values of secrets from a job's failure. Pure. A value is replaced wherever it occurs, plain and escaped as JSON once or twice. The
// code of an error stays, because diagrams catch errors by it.

import type { CallFailure } from '../job/call-failure.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import type { Outcome } from '../job/outcome.ts'
import type { ConnectorError } from './connector-error.ts'

/** A secret that an execution used. */
export interface UsedSecret {
  readonly name: string
  readonly value: string
}

/** Replaces values of secrets in a text by `***`. */
export type Mask = (text: string) => string

/** A value as it appears in JSON text. */
function jsonForm(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

/** A value as it appears in a text, in JSON, and in JSON within a JSON string, as models write it. */
export function valueForms(value: string): readonly [string, string, string] {
  const form = jsonForm(value)
  return [value, form, jsonForm(form)]
}

/** Shorter values occur everywhere by chance: masking them would make a text useless, and its gaps would reveal them. */
const SHORTEST_VALUE = 4

/** Secrets whose values are searched for; shorter ones are ignored everywhere. */
export function findable(used: readonly UsedSecret[]): UsedSecret[] {
  return used.filter(({ value }) => value.length >= SHORTEST_VALUE)
}

/** Masks all occurrences. Overlapping ones are masked together, so that no part of either is left (connector contract 3.2). */
export function makeMask(used: readonly UsedSecret[]): Mask {
  const forms = new Set(findable(used).flatMap(({ value }) => valueForms(value)))
  return (text) => {
    let masked = ''
    let from = 0
    for (const { start, end } of merged([...forms].flatMap((form) => occurrences(text, form)))) {
      masked += `${text.slice(from, start)}***`
      from = end
    }
    return masked + text.slice(from)
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

function occurrences(text: string, form: string): Span[] {
  const found: Span[] = []
  for (let start = text.indexOf(form); start !== -1; start = text.indexOf(form, start + form.length)) {
    found.push({ start, end: start + form.length })
  }
  return found
}

/** In order; overlapping spans are merged, adjacent ones are not. */
function merged(spans: readonly Span[]): Span[] {
  const apart: Span[] = []
  for (const span of spans.toSorted((one, other) => one.start - other.start)) {
    const last = apart.at(-1)
    if (last === undefined || span.start >= last.end) apart.push(span)
    else apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
  }
  return apart
}

/** Masks texts and property names of a JSON value. Numbers and booleans stay, because processes branch on them. */
export function maskJson(value: JsonValue, mask: Mask): JsonValue {
  if (typeof value === 'string') return mask(value)
  if (Array.isArray(value)) return value.map((item: JsonValue) => maskJson(item, mask))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskJson(item, mask)]))
}

/** The failure for diagrams and people. */
export function maskError(error: ConnectorError, mask: Mask): ConnectorError {
  const { shown } = error
  const masked = shown === undefined ? {} : { shown: maskJson(shown, mask) as JsonObject }
  return { ...error, message: mask(error.message), ...masked }
}

/** The failure of a call for Redis. */
export function maskCallFailure(failure: CallFailure, mask: Mask): CallFailure {
  return { ...failure, message: mask(failure.message) }
}

/** Something thrown, for a log. */
export function maskThrown(error: unknown, mask: Mask): unknown {
  if (!(error instanceof Error)) return mask(String(error))
  const masked = new Error(mask(error.message))
  masked.name = error.name
  masked.stack = mask(error.stack ?? '')
  return masked
}

/** An outcome that is no completion, masked. Results belong to the diagram, and stay as they are. */
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
