// Which secrets a task may use, and in which of its fields: those that its input mappings name literally, and those
// that an expression carries on from one mapping to a later one. Pure. The rule is that of the secret filter of the
// connector runtime (connector contract 3.2, the lines of September 2026).
import { referencedPaths } from '../feel/referenced-paths.ts'
import type { Compatibility } from './compatibility.ts'
import { mayHoldSecrets, secretReferences } from './secret-reference.ts'
import type { FieldPath, SecretUse } from './secret-substitution.ts'

/** An input mapping as the diagram has it; a source that begins with `=` is FEEL. */
export interface InputMapping {
  readonly source: string
  readonly target: string
}

/** What one task may use. */
export type AllowList = readonly SecretUse[]

/** A mapping whose value stands at its target, with all secrets that its value may name. */
interface Writer {
  readonly path: FieldPath
  readonly secrets: ReadonlySet<string>
}

/**
 * The allow-list of a task. Mappings count in their order: an expression sees what was mapped before it, and what is
 * written over is not there any more.
 */
export function allowList(inputs: readonly InputMapping[], compatibility: Compatibility): AllowList {
  if (!inputs.some(({ source }) => mayHoldSecrets(source))) return []
  let writers: readonly Writer[] = []
  for (const { source, target } of inputs) {
    const path = target.split('.')
    const secrets = new Set(secretReferences(source, compatibility).map(({ name }) => name))
    for (const read of readPaths(source)) {
      for (const writer of writersOf(read, writers)) {
        for (const name of writer.secrets) secrets.add(name)
      }
    }
    writers = [...writers.filter((writer) => !isWithin(writer.path, path)), { path, secrets }]
  }
  return writers.flatMap(({ path, secrets }) => [...secrets].map((name) => ({ name, path })))
}

/** Whether the task may use the secret in that field: its mapping wrote the field, or something that the field is part of. */
export function isAllowed(list: AllowList, use: SecretUse): boolean {
  return list.some(({ name, path }) => name === use.name && isWithin(use.path, path))
}

function readPaths(source: string): readonly FieldPath[] {
  const expression = source.trim()
  return expression.startsWith('=') ? referencedPaths(expression.slice(1)) : []
}

/** What stands at a path: what the nearest writer at or above it wrote there, and all that was written below it. */
function writersOf(read: FieldPath, writers: readonly Writer[]): readonly Writer[] {
  const nearest = writers
    .filter(({ path }) => isWithin(read, path))
    .reduce<Writer | null>(
      (best, writer) => (best === null || writer.path.length > best.path.length ? writer : best),
      null,
    )
  const below = writers.filter(({ path }) => path.length > read.length && isWithin(path, read))
  return nearest === null ? below : [nearest, ...below]
}

function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.length <= path.length && outer.every((name, depth) => path[depth] === name)
}
