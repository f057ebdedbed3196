// Which secrets a task may use, and in which of its fields: those that its input mappings name literally, and those that an expression
// passes on from one mapping to a later one. Pure. Implements the secret filter of the connector runtime (connector contract 3.2, the lines
// of September 2026). Mappings are looked up by path in a tree, in a bounded number of steps for all of them: a diagram may have 100,000.
import type { Compatibility } from './compatibility.ts'
import { mayHoldSecrets, secretReferences } from './secret-reference.ts'
import type { Field, SecretUse } from './secret-substitution.ts'

/** An input mapping of a diagram; a source that begins with `=` is FEEL. */
export interface InputMapping {
  readonly source: string
  readonly target: string
}

/** Property names from the outermost. */
export type FieldPath = readonly string[]

/** The source of an allow-list: plain data, which can be sent to another thread. */
export interface AllowListSource {
  readonly inputs: readonly InputMapping[]
  /** For each of {@link feelSources}, the variables that it reads. */
  readonly reads: ReadonlyMap<string, readonly FieldPath[]>
}

/** What one task may use. */
export interface AllowList {
  readonly source: AllowListSource
  /** Whether the task may use the secret in that field: its mapping wrote the field, or a value that contains the field. */
  allows(use: SecretUse): boolean
}

export const NO_SECRETS: AllowList = { allows: () => false, source: { inputs: [], reads: new Map() } }

/** Thrown when mappings depend on each other in more ways than are followed. */
export class TooManyMappings extends Error {
  override readonly name = 'TooManyMappings'

  constructor() {
    super(
      `its input mappings are too many, or too long, to tell which secrets they may use (more than ${MOST_STEPS} steps): divide the task`,
    )
  }
}

/** A task from an element template needs some hundreds. */
const MOST_STEPS = 2_000_000

/** A place in the variables. */
interface Place {
  readonly parts: Map<string, Place>
  /** Secrets that the value written here by a mapping may name; null if none wrote it. */
  secrets: Set<string> | null
  /** These, and those of the places above. */
  all: ReadonlySet<string>
}

const NONE: ReadonlySet<string> = new Set()

function emptyPlace(): Place {
  return { parts: new Map(), secrets: null, all: NONE }
}

/** FEEL sources whose variables must be known; none for a task that names no secret. */
export function feelSources(inputs: readonly InputMapping[]): readonly string[] {
  const first = inputs.findIndex(({ source }) => mayHoldSecrets(source))
  const later = first === -1 ? [] : inputs.slice(first + 1)
  return [...new Set(later.flatMap(({ source }) => expressionOf(source) ?? []))]
}

/** The FEEL of a source; null if it is a text. */
function expressionOf(source: string): string | null {
  const trimmed = source.trim()
  return trimmed.startsWith('=') ? trimmed.slice(1) : null
}

/**
 * The allow-list of a task. Mappings apply in their order: an expression sees what was mapped before it, and not what was overwritten.
 * @throws TooManyMappings
 */
export function allowList(source: AllowListSource, compatibility: Compatibility): AllowList {
  const { inputs, reads } = source
  if (!inputs.some(({ source }) => mayHoldSecrets(source))) return NO_SECRETS
  const steps = new Steps()
  const root = emptyPlace()
  for (const { source: text, target } of inputs) {
    const secrets = new Set(secretReferences(text, compatibility).map(({ name }) => name))
    const expression = expressionOf(text)
    const paths = expression === null ? [] : (reads.get(expression) ?? [])
    for (const path of distinct(paths)) {
      for (const written of writtenAt(root, path, steps)) {
        steps.take(written.size)
        for (const name of written) secrets.add(name)
      }
    }
    write(root, target.split('.'), secrets, steps)
  }
  sumUp(root, steps)
  const find = finderOf(root)
  return { source, allows: ({ name, field }) => find(field).place.all.has(name) }
}

class Steps {
  #left = MOST_STEPS

  take(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new TooManyMappings()
  }
}

function distinct(paths: readonly FieldPath[]): Iterable<FieldPath> {
  return new Map(paths.map((path) => [JSON.stringify(path), path])).values()
}

/** The secrets at a path: what the nearest mapping at or above it wrote there, and all that was written below it. */
function* writtenAt(root: Place, path: FieldPath, steps: Steps): Iterable<ReadonlySet<string>> {
  let place: Place | undefined = root
  let nearest: ReadonlySet<string> | null = root.secrets
  for (const name of path) {
    steps.take(1)
    place = place?.parts.get(name)
    if (place === undefined) break
    nearest = place.secrets ?? nearest
  }
  if (nearest !== null) yield nearest
  if (place === undefined) return
  const open = [...place.parts.values()]
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    steps.take(1)
    if (below.secrets !== null) yield below.secrets
    for (const part of below.parts.values()) open.push(part)
  }
}

function write(root: Place, path: FieldPath, secrets: Set<string>, steps: Steps): void {
  let place = root
  for (const name of path) {
    steps.take(1)
    const known = place.parts.get(name)
    const part = known ?? emptyPlace()
    if (known === undefined) place.parts.set(name, part)
    place = part
  }
  place.secrets = secrets
  place.parts.clear()
}

function sumUp(root: Place, steps: Steps): void {
  root.all = root.secrets ?? NONE
  const open = [root]
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const part of place.parts.values()) {
      const { secrets } = part
      steps.take(1)
      part.all = place.all
      if (secrets !== null && secrets.size > 0) {
        steps.take(place.all.size + secrets.size)
        part.all = new Set([...place.all, ...secrets])
      }
      open.push(part)
    }
  }
}

/** The innermost place that contains a field, and whether it is the field itself. */
interface Found {
  readonly place: Place
  readonly isField: boolean
}

/** Finds the places of fields. Each field is looked up once, however many references are in or below it. */
function finderOf(root: Place): (field: Field | null) => Found {
  const known = new WeakMap<Field, Found>()
  const find = (field: Field | null): Found => {
    if (field === null) return { place: root, isField: true }
    const before = known.get(field)
    if (before !== undefined) return before
    const outer = find(field.within)
    const part = outer.isField ? outer.place.parts.get(field.name) : undefined
    const found = part === undefined ? { place: outer.place, isField: false } : { place: part, isField: true }
    known.set(field, found)
    return found
  }
  return find
}
