// Checks answers by their schemas, in a thread of its own however small the work: schemas come from diagrams, and a short one may need
// exponential time. A check that takes too long is ended, and its schema is refused from then on, so that it does not delay others again.
import { type Aside, AsideError, makeAside } from '../aside/aside.ts'
import type { Violation } from '../bedrock/answer-schema.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import { keepLatest } from '../job/keep-latest.ts'

export interface SchemaChecks {
  /** What is wrong with a schema; null if answers can be checked by it. */
  fault(schema: string, owner: WorkOwner): Promise<string | null>
  /** `fault`: the answer could not be checked. */
  violations(
    schema: string,
    answer: string,
    owner: WorkOwner,
  ): Promise<{ readonly violations: readonly Violation[] } | { readonly fault: string }>
  close(): Promise<void>
}

/** A schema of 64,000 characters is compiled within a second on a slow core. */
const LONGEST_MS = 10_000
const MEMORY_MB = 128
/** Refused schemas that are remembered. */
const MOST_REFUSED = 1_000

export function makeSchemaChecks(
  aside: Aside = makeAside({
    largeUnits: 0,
    longestMs: LONGEST_MS,
    limits: { maxOldGenerationSizeMb: MEMORY_MB },
  }),
): SchemaChecks {
  const refused = new Map<string, string>()
  const checked = async <T>(schema: string, check: () => Promise<T>): Promise<T | { fault: string }> => {
    const known = refused.get(schema)
    if (known !== undefined) return { fault: known }
    try {
      return await check()
    } catch (error) {
      if (!(error instanceof AsideError)) throw error
      keepLatest(refused, schema, error.message, MOST_REFUSED)
      return { fault: error.message }
    }
  }
  return {
    async fault(schema, owner) {
      const about = { units: schema.length, owner }
      const { fault } = await checked(schema, async () => ({
        fault: await aside.run('schemaFault', about, schema),
      }))
      return fault
    },
    violations: (schema, answer, owner) =>
      checked(schema, async () => ({
        violations: await aside.run('schemaViolations', { units: answer.length, owner }, schema, answer),
      })),
    close: aside.close,
  }
}
