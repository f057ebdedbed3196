// JSON schemas for structured output: which ones Bedrock accepts, and how long a call waits until its schema is compiled.
import { isObject, listOf, objectOf } from '../json.ts'
import { referred } from './example.ts'

const KEPT_MS = 24 * 60 * 60_000

/** Keywords that Bedrock refuses, by type. */
const UNSUPPORTED: Readonly<Record<string, readonly string[]>> = {
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  string: ['minLength', 'maxLength'],
  array: ['maxItems', 'uniqueItems'],
}

/** What Bedrock answers about a schema that it does not take; undefined when it takes it. */
export function schemaProblem(text: string): string | undefined {
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return 'output_config.format.schema: the schema is not valid JSON'
  }
  const problem = isObject(schema) ? problemOf(schema, schema, []) : 'the schema must be an object'
  return problem === undefined ? undefined : `output_config.format.schema: ${problem}`
}

function problemOf(schema: unknown, root: unknown, within: readonly string[]): string | undefined {
  if (!isObject(schema)) return undefined
  const { $ref, type } = schema
  if (typeof $ref === 'string') return referenceProblem($ref, root, within)
  for (const name of Array.isArray(type) ? type : [type]) {
    const found = (UNSUPPORTED[String(name)] ?? []).filter((keyword) => Object.hasOwn(schema, keyword))
    if (found.length > 0) return `For '${name}' type, properties ${found.join(', ')} are not supported`
    if (name === 'object' && schema['additionalProperties'] !== false) {
      return "For 'object' type, 'additionalProperties' must be explicitly set to false"
    }
  }
  const inner = [
    ...Object.values(objectOf(schema['properties'])),
    ...['items', 'not'].map((name) => schema[name]),
    ...['anyOf', 'oneOf', 'allOf', 'prefixItems'].flatMap((name) => listOf(schema[name])),
  ]
  for (const part of inner) {
    const problem = problemOf(part, root, within)
    if (problem !== undefined) return problem
  }
  return undefined
}

function referenceProblem(reference: string, root: unknown, within: readonly string[]): string | undefined {
  if (!reference.startsWith('#')) return `External $ref '${reference}' is not supported`
  if (reference === '#' || within.includes(reference)) return 'Recursive schemas are not supported'
  return problemOf(referred(root, reference), root, [...within, reference])
}

/** The compiled schemas of all accounts. Pure: the clock is an argument. */
export class CompiledSchemas {
  readonly #readyAt = new Map<string, number>()

  /** Forgets everything. */
  reset(): void {
    this.#readyAt.clear()
  }

  /** How long a call with the schema waits: it starts the compilation, or waits for one that runs. */
  waitMs(
    account: string,
    schema: string,
    compileMs: number,
    now: number,
  ): { kind: 'started' | 'waited' | 'ready'; ms: number } {
    const name = `${account} ${schema}`
    const readyAt = this.#readyAt.get(name)
    if (readyAt === undefined || now > readyAt + KEPT_MS) {
      this.#readyAt.set(name, now + compileMs)
      return { kind: 'started', ms: compileMs }
    }
    return readyAt > now ? { kind: 'waited', ms: readyAt - now } : { kind: 'ready', ms: 0 }
  }
}
