// Answers of a job that violated its schema, as stored in its record until the job ends. They are what a repair turn continues, so that a
// worker that dies between two turns loses no paid answer. Encrypted with a payload key, without one free of the values of secrets.
import type { FailedAnswer } from '../bedrock/answer-schema.ts'
import { type Mask, maskJson } from '../connector/secret-masking.ts'
import { isJsonArray, type JsonValue, parseJson, stringifyJson } from '../job/json.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import { type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'

type Of = Pick<QueuedJob, 'key' | 'epoch'>

export function writeRepairs(
  failed: readonly FailedAnswer[],
  { codec, job, mask }: { readonly codec: PayloadCodec; readonly job: Of; readonly mask: Mask | undefined },
): string {
  const tree = failed as unknown as JsonValue
  const text = stringifyJson(codec.encrypts || mask === undefined ? tree : maskJson(tree, mask))
  return codec.encode(text, queuedJobId(job.key, job.epoch), 'repairs')
}

/** Reads what {@link writeRepairs} wrote; none if this process cannot: the job then starts with its first call. */
export function readRepairs(stored: string, codec: PayloadCodec, job: Of): readonly FailedAnswer[] {
  if (stored === '') return []
  try {
    const read = parseJson(codec.decode(stored, queuedJobId(job.key, job.epoch), 'repairs'))
    return isJsonArray(read) ? (read as unknown as readonly FailedAnswer[]) : []
  } catch (error) {
    if (error instanceof PayloadError || error instanceof SyntaxError) return []
    throw error
  }
}
