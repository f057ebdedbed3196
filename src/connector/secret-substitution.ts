// Secrets in the JSON of a job's variables: which are referred to where, and the tree with their values in their
// place. Property names count as much as texts; numbers keep their digits. Pure; what it returns is never for a log.
import { isJsonObject, type JsonObject, type JsonValue } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { MAX_DEPTH, NestingError } from './java-number.ts'
import { secretReferences } from './secret-reference.ts'

/** Where a text stands: property names from the outermost; places in lists are not counted. */
export type FieldPath = readonly string[]

/** A reference to a secret, and the field that it stands in; a property's name stands in the property. */
export interface SecretUse {
  readonly name: string
  readonly path: FieldPath
}

/**
 * Every reference in the tree, in the order in which the stock runtime meets them: a property's value before its name.
 * @throws NestingError when the tree is deeper than Jackson reads.
 */
export function secretUses(tree: JsonValue, compatibility: Compatibility): readonly SecretUse[] {
  const uses: SecretUse[] = []
  substituteSecrets(tree, compatibility, (use) => {
    uses.push(use)
    return null
  })
  return uses
}

/**
 * The tree with values in the place of references. A value is text: it is looked at no further.
 * @param replacement - null leaves the reference as it is.
 * @throws NestingError when the tree is deeper than Jackson reads.
 */
export function substituteSecrets(
  tree: JsonValue,
  compatibility: Compatibility,
  replacement: (use: SecretUse) => string | null,
): JsonValue {
  const inText = (text: string, path: FieldPath): string => {
    let replaced = ''
    let from = 0
    for (const { name, start, end } of secretReferences(text, compatibility)) {
      replaced += text.slice(from, start) + (replacement({ name, path }) ?? text.slice(start, end))
      from = end
    }
    return from === 0 ? text : replaced + text.slice(from)
  }
  const inTree = (value: JsonValue, path: FieldPath, depth: number): JsonValue => {
    if (typeof value === 'string') return inText(value, path)
    if (!Array.isArray(value) && !isJsonObject(value)) return value
    if (depth >= MAX_DEPTH) throw new NestingError()
    if (Array.isArray(value)) return value.map((item: JsonValue) => inTree(item, path, depth + 1))
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, item]) => {
        const field = [...path, key]
        const replaced = inTree(item, field, depth + 1)
        return [inText(key, field), replaced]
      }),
    )
  }
  return inTree(tree, [], 0)
}
