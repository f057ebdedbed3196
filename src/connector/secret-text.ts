// Secrets in the JSON text of a job's variables: finds their names, and replaces references by values. Pure, with plain data only, because
// large texts are handled in another thread; the result is never for a log.
import { type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { NestingError } from './java-number.ts'
import { type AllowListSource, allowList } from './secret-allow-list.ts'
import { type SecretUse, secretUses, substituteSecrets } from './secret-substitution.ts'

/** The result for a text, which may be no JSON, or nested deeper than Jackson reads. */
type OfText<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'noJson' }
  | { readonly kind: 'tooDeep'; readonly message: string }

/** What a task may use; null for everything. */
export type Allowed = AllowListSource | null

/** A text whose references are looked for. It is parsed once, whatever is asked of it. */
export interface SecretText {
  /** Whether there is any reference to a secret. */
  uses(): OfText<boolean>
  /** The number of allowed references, and the names of the first `most` of their secrets. */
  names(asked: {
    readonly allowed: Allowed
    readonly most: number
  }): OfText<{ readonly count: number; readonly names: readonly string[] }>
  /** The text with values in place of the allowed references. */
  withValues(given: {
    readonly allowed: Allowed
    readonly values: ReadonlyMap<string, string>
  }): OfText<string>
}

export function openSecretText(variables: string, compatibility: Compatibility): SecretText {
  const parsed = ofText(() => parseJson(variables))
  const of = <Value>(read: (tree: JsonValue) => Value): OfText<Value> =>
    parsed.kind === 'read' ? ofText(() => read(parsed.value)) : parsed
  const judge = (allowed: Allowed): ((use: SecretUse) => boolean) =>
    allowed === null ? () => true : allowList(allowed, compatibility).allows
  return {
    uses: () => of((tree) => secretUses(tree, compatibility).length > 0),
    names: ({ allowed, most }) =>
      of((tree) => {
        const allows = judge(allowed)
        const found = secretUses(tree, compatibility).filter(allows)
        const names = new Set(found.map(({ name }) => name))
        return { count: names.size, names: [...names].slice(0, most) }
      }),
    withValues: ({ allowed, values }) =>
      of((tree) => {
        const allows = judge(allowed)
        const replacement = (use: SecretUse) => (allows(use) ? (values.get(use.name) ?? null) : null)
        return stringifyJson(substituteSecrets(tree, compatibility, replacement))
      }),
  }
}

function ofText<Value>(read: () => Value): OfText<Value> {
  try {
    return { kind: 'read', value: read() }
  } catch (error) {
    if (error instanceof NestingError) return { kind: 'tooDeep', message: error.message }
    if (error instanceof SyntaxError) return { kind: 'noJson' }
    throw error
  }
}
