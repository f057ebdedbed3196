// Metadata of a request, which AWS writes into its logs of invocations, for costs by process and as the trail of what was paid twice
// (https://docs.aws.amazon.com/bedrock/latest/userguide/cost-mgmt-request-metadata.html). Pure.
import { z } from 'zod'
import type { JsonObject, JsonValue } from '../job/json.ts'

/** Most entries, and the longest key or value (`requestMetadata` of Converse). */
const MOST = 16
const LONGEST = 256
const ALLOWED = /^[a-zA-Z0-9\s:_@$#=/+,.-]*$/

const metadataText = z
  .string({ error: 'must be a text' })
  .max(LONGEST, { error: `must have ${LONGEST} characters at the most` })
  .regex(ALLOWED, { error: 'must consist of letters, digits, blanks and : _ @ $ # = / + , - .' })

const METADATA = z
  .record(metadataText, metadataText, { error: 'must be an object of texts' })
  .refine((value) => Object.keys(value).length <= MOST, { error: `must have ${MOST} entries at the most` })

/** What is wrong with metadata that a task sets; none if it can be sent. */
export function metadataFaults(value: JsonValue): readonly string[] {
  const read = METADATA.safeParse(value)
  if (read.success) return []
  return read.error.issues.map(({ path, message }) => `${['requestMetadata', ...path].join('.')}: ${message}`)
}

/** What Quarry says of a job. */
export interface JobMetadata {
  readonly process: string
  readonly processInstance: string
  readonly element: string
  readonly tenant: string
  readonly job: string
}

/** Adds what is known of the job; what the task sets itself takes precedence, and stays when there is no room for more. */
export function withJobMetadata(given: JsonObject, job: JobMetadata): JsonObject {
  const own = Object.entries(job)
    .filter(([name, value]) => value !== '' && !Object.hasOwn(given, name))
    .map(([name, value]) => [name, value.replaceAll(/[^a-zA-Z0-9\s:_@$#=/+,.-]/g, '_').slice(0, LONGEST)])
  return { ...given, ...Object.fromEntries(own.slice(0, Math.max(0, MOST - Object.keys(given).length))) }
}
