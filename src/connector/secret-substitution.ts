// Secrets in the JSON of a job's variables: finds the references, and replaces them by the values. Property names count like texts; numbers
// keep their digits. Pure; the result is never for a log.
import { isJsonArray, isJsonObject, type JsonValue, mapItems } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { MAX_DEPTH, NestingError } from './java-number.ts'
import { mayHoldSecrets, secretReferences } from './secret-reference.ts'

/**
 * Where a text is: a property, and the field around it; null is the outermost value. List indexes are not included. A linked list, because a
 * tree of 4 MB may have 100,000 properties at a depth of 1,000, whose paths would take a gigabyte.
 */
export interface Field {
  readonly name: string
  readonly within: Field | null
}

/** A reference to a secret, and its field; a reference in a property's name belongs to the property. */
export interface SecretUse {
  readonly name: string
  readonly field: Field | null
}

/**
 * Every reference in the tree, in the order of the stock runtime: a property's value before its name.
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
 * The tree with values in place of the references. References within values are not replaced.
 * @param replacement - null leaves the reference as it is.
 * @throws NestingError when the tree is deeper than Jackson reads.
 */
export function substituteSecrets(
  tree: JsonValue,
  compatibility: Compatibility,
  replacement: (use: SecretUse) => string | null,
): JsonValue {
  const inText = (text: string, field: Field | null): string => {
    if (!mayHoldSecrets(text)) return text
    const pieces: string[] = []
    let from = 0
    for (const { name, start, end } of secretReferences(text, compatibility)) {
      pieces.push(text.slice(from, start), replacement({ name, field }) ?? text.slice(start, end))
      from = end
    }
    return from === 0 ? text : pieces.join('') + text.slice(from)
  }
  const inTree = (value: JsonValue, within: Field | null, depth: number): JsonValue => {
    if (typeof value === 'string') return inText(value, within)
    if (!isJsonArray(value) && !isJsonObject(value)) return value
    if (depth >= MAX_DEPTH) throw new NestingError()
    if (isJsonArray(value)) return mapItems(value, (item) => inTree(item, within, depth + 1))
    const entries = Object.keys(value).map((key): [string, JsonValue] => {
      const field = { name: key, within }
      const replaced = inTree(value[key] ?? null, field, depth + 1)
      return [inText(key, field), replaced]
    })
    return Object.fromEntries(entries)
  }
  return inTree(tree, null, 0)
}
