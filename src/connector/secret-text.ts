// Secrets in the JSON text of a job's variables: finds their names, and replaces references by values. Pure, with plain data only, because
// large texts are handled in another thread; the result is never for a log.
import { type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { NestingError } from './java-number.ts'
import { type AllowListSource, allowList } from './secret-allow-list.ts'
import { type SecretUse, secretUses, substituteSecrets } from './secret-substitution.ts'

/** The result for a text, which may be no JSON, or nested deeper than Jackson reads. */
export type OfText<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'noJson' }
  | { readonly kind: 'tooDeep'; readonly message: string }

/** What a task may use; null for everything. */
export type Allowed = AllowListSource | null

/** Whether there is any reference to a secret. */
export function usesSecrets(variables: string, compatibility: Compatibility): OfText<boolean> {
  return ofText(variables, (tree) => secretUses(tree, compatibility).length > 0)
}

/** The number of allowed references, and the names of the first `most` of their secrets. */
export function secretNames(
  variables: string,
  compatibility: Compatibility,
  { allowed, most }: { readonly allowed: Allowed; readonly most: number },
): OfText<{ readonly count: number; readonly names: readonly string[] }> {
  return ofText(variables, (tree) => {
    const allows = judge(allowed, compatibility)
    const names = new Set(secretUses(tree, compatibility).flatMap((use) => (allows(use) ? [use.name] : [])))
    return { count: names.size, names: [...names].slice(0, most) }
  })
}

/** The text with values in place of the allowed references. */
export function withSecrets(
  variables: string,
  compatibility: Compatibility,
  { allowed, values }: { readonly allowed: Allowed; readonly values: ReadonlyMap<string, string> },
): OfText<string> {
  return ofText(variables, (tree) => {
    const allows = judge(allowed, compatibility)
    const replacement = (use: SecretUse) => (allows(use) ? (values.get(use.name) ?? null) : null)
    return stringifyJson(substituteSecrets(tree, compatibility, replacement))
  })
}

function judge(allowed: Allowed, compatibility: Compatibility): (use: SecretUse) => boolean {
  return allowed === null ? () => true : allowList(allowed, compatibility).allows
}

function ofText<Value>(variables: string, read: (tree: JsonValue) => Value): OfText<Value> {
  try {
    return { kind: 'read', value: read(parseJson(variables)) }
  } catch (error) {
    if (error instanceof NestingError) return { kind: 'tooDeep', message: error.message }
    if (error instanceof SyntaxError) return { kind: 'noJson' }
    throw error
  }
}
