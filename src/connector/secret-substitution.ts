// Secrets in the JSON of a job's variables: which are referred to where, and the tree with their values in their
// place. Property names count as much as texts; numbers keep their digits. Pure; what it returns is never for a log.
import { isJsonObject, isList, type JsonValue, mapItems } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { MAX_DEPTH, NestingError } from './java-number.ts'
import { mayHoldSecrets, secretReferences } from './secret-reference.ts'

/**
 * Where a text stands: a property, and the one that it stands in; null is the outermost value. Places in lists are not counted.
 * A chain, since a tree of 4 MB has room for 100,000 properties at a depth of 1,000: their paths would take a gigabyte.
 */
export interface Field {
  readonly name: string
  readonly within: Field | null
}

/** A reference to a secret, and the field that it stands in; a property's name stands in the property. */
export interface SecretUse {
  readonly name: string
  readonly field: Field | null
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
    if (!isList(value) && !isJsonObject(value)) return value
    if (depth >= MAX_DEPTH) throw new NestingError()
    if (isList(value)) return mapItems(value, (item) => inTree(item, within, depth + 1))
    const entries = Object.keys(value).map((key): [string, JsonValue] => {
      const field = { name: key, within }
      const replaced = inTree(value[key] ?? null, field, depth + 1)
      return [inText(key, field), replaced]
    })
    return Object.fromEntries(entries)
  }
  return inTree(tree, null, 0)
}
