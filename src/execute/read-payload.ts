// From the text that lies in a lane to the job, or to what keeps it from being read.
import type { PayloadCodec } from '../job/payload-codec.ts'
import { type QueuedJob, readQueuedJob } from '../job/queued-job.ts'
import type { TakenJob } from './disposal.ts'

/** Never throws. */
export function readPayload(
  codec: PayloadCodec,
  { id, payload }: Pick<TakenJob, 'id' | 'payload'>,
): { readonly job: QueuedJob } | { readonly fault: unknown } {
  try {
    return { job: readQueuedJob(codec.decode(payload, id)) }
  } catch (error) {
    return { fault: error }
  }
}
