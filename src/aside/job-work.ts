// What takes long of a large job: each a pure function whose arguments and result can go to another thread and back. What a job may
// well come to is a result, too: an error loses its class on the way.
import { type BindOptions, bindRequest } from '../connector/bind-request.ts'
import { NeedsDocument } from '../connector/documents/document-supply.ts'
import { routeInputs } from '../connector/request-route.ts'
import { secretNames, usesSecrets, withSecrets } from '../connector/secret-text.ts'
import { storedVariables } from '../connector/stored-variables.ts'
import { type QueuedJob, readQueuedJob, writeQueuedJob } from '../job/queued-job.ts'
import {
  type CodecPlan,
  makePayloadCodec,
  PayloadError,
  type PayloadFault,
} from '../payload/payload-codec.ts'
import { type BoundCopy, copyBound, copyNeeds, readSupply, type SupplyCopy } from './copies.ts'

/** What binding comes to. */
export type BindResult =
  | { readonly kind: 'bound'; readonly bound: BoundCopy }
  /** Something from outside has to be supplied first. */
  | { readonly kind: 'needs'; readonly needs: string }

function bind(variables: string, options: Omit<BindOptions, 'supply'>, supplied: SupplyCopy): BindResult {
  try {
    const bound = bindRequest(variables, { ...options, supply: readSupply(supplied) })
    return { kind: 'bound', bound: copyBound(bound, supplied) }
  } catch (error) {
    if (!(error instanceof NeedsDocument)) throw error
    return { kind: 'needs', needs: copyNeeds(error.needs) }
  }
}

/** A queued job as it is stored, under its id in BullMQ. @param rescue - as {@link storedVariables} has it. */
function pack(
  job: QueuedJob,
  id: string,
  { codec, rescue }: { readonly codec: CodecPlan; readonly rescue: boolean },
): string {
  const kept = { ...job, variables: storedVariables(job.variables, { rescue }) }
  return makePayloadCodec(codec.keys, codec.options).encode(writeQueuedJob(kept), id)
}

/** What a stored job comes to. */
export type UnpackResult =
  | { readonly kind: 'job'; readonly job: QueuedJob }
  /** As a {@link PayloadError} says it. */
  | {
      readonly kind: 'refused'
      readonly code: PayloadFault
      readonly message: string
      readonly keyId: string | undefined
    }
  /** It is of an old form, of which is told where it is read. */
  | { readonly kind: 'notThere' }

/** The job that {@link pack} stored. */
function unpack(stored: string, id: string, codec: CodecPlan): UnpackResult {
  let isOld = false
  const onOld = () => {
    isOld = true
  }
  try {
    const job = readQueuedJob(makePayloadCodec(codec.keys, { ...codec.options, onOld }).decode(stored, id))
    return isOld ? { kind: 'notThere' } : { kind: 'job', job }
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    const { code, message, keyId } = error
    return { kind: 'refused', code, message, keyId }
  }
}

/** The text of an outcome as it is stored. */
function packOutcome(text: string, id: string, codec: CodecPlan): string {
  return makePayloadCodec(codec.keys, codec.options).encode(text, id, 'outcome')
}

export const JOB_WORK = {
  bind,
  pack,
  packOutcome,
  routeInputs,
  secretNames,
  unpack,
  usesSecrets,
  withSecrets,
}
export type JobWork = typeof JOB_WORK
