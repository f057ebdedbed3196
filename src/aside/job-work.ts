// Work that takes long for large jobs. Each is a pure function whose arguments and result can be sent to another thread. Expected failures
// are results, because errors lose their class on the way.
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

/** The result of binding. */
export type BindResult =
  | { readonly kind: 'bound'; readonly bound: BoundCopy }
  /** Something from outside must be supplied first. */
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

/** The stored form of a queued job, under its id in BullMQ. @param rescue - see {@link storedVariables}. */
function pack(
  job: QueuedJob,
  id: string,
  { codec, rescue }: { readonly codec: CodecPlan; readonly rescue: boolean },
): string {
  const kept = { ...job, variables: storedVariables(job.variables, { rescue }) }
  return makePayloadCodec(codec.keys, codec.options).encode(writeQueuedJob(kept), id)
}

/** The result of reading a stored job. */
export type UnpackResult =
  | { readonly kind: 'job'; readonly job: QueuedJob }
  /** The fields of a {@link PayloadError}. */
  | {
      readonly kind: 'refused'
      readonly code: PayloadFault
      readonly message: string
      readonly keyId: string | undefined
    }
  /** It has an old form, which must be read where that is reported. */
  | { readonly kind: 'notThere' }

/** Reads the job that {@link pack} stored. */
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

/** The stored form of an outcome's text. */
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
