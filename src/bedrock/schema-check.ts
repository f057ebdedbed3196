// Checks answers by their JSON schemas (draft 2020-12). Schemas are written by whoever deploys a diagram: compiling or checking one may take
// exponential time, so this runs where it can be ended (src/aside).
import { createRequire } from 'node:module'
import type * as Ajv from 'ajv/dist/2020.js'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { keepLatest } from '../job/keep-latest.ts'
import type { Violation } from './answer-schema.ts'

/** Reported violations; a long list of items may have thousands. */
const MOST_VIOLATIONS = 20
/** Compiled schemas that are kept. */
const MOST_KEPT = 100
const LONGEST_PATH = 200

export interface SchemaCheck {
  /** What is wrong with a schema, given as JSON text; null for one that answers can be checked by. */
  fault(schema: string): string | null
  /** @param answer - JSON text; may be anything. */
  violations(schema: string, answer: string): readonly Violation[]
}

/** Loads ajv with the first schema: every process that binds jobs imports this, and most never check one. */
function makeAjv(): Ajv2020 {
  const { Ajv2020: Loaded } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof Ajv
  return new Loaded({
    strict: false,
    allErrors: true,
    // Nothing is fetched: a reference must be within the schema.
    addUsedSchema: false,
    // In this draft `format` only describes.
    validateFormats: false,
    logger: false,
  })
}

export function makeSchemaCheck(): SchemaCheck {
  let ajv: Ajv2020 | undefined
  const kept = new Map<string, ValidateFunction>()
  const compiled = (text: string): ValidateFunction => {
    const known = kept.get(text)
    if (known !== undefined) return known
    ajv ??= makeAjv()
    const { $schema: _, ...schema } = JSON.parse(text) as Record<string, unknown>
    const validate = ajv.compile(schema)
    // ajv would keep it for as long as this process lives.
    ajv.removeSchema(schema)
    if ('$async' in validate) throw new Error('it is asynchronous')
    keepLatest(kept, text, validate, MOST_KEPT)
    return validate
  }
  return {
    fault(schema) {
      try {
        compiled(schema)
        return null
      } catch (error) {
        return error instanceof Error ? error.message.slice(0, 500) : 'it cannot be compiled'
      }
    },
    violations(schema, answer) {
      let value: unknown
      try {
        value = JSON.parse(answer)
      } catch {
        return [{ path: '', keyword: 'json', message: 'must be JSON, and nothing but JSON' }]
      }
      const validate = compiled(schema)
      return validate(value) ? [] : (validate.errors ?? []).slice(0, MOST_VIOLATIONS).map(violation)
    },
  }
}

/** Messages of ajv have values of the schema, never of the answer. */
function violation({ instancePath, keyword, message = 'is wrong' }: ErrorObject): Violation {
  return { path: instancePath.slice(0, LONGEST_PATH), keyword, message: message.slice(0, LONGEST_PATH) }
}
