// Work that takes long for large jobs. Each is a pure function whose arguments and result can be sent to another thread. Expected failures
// are results, because errors lose their class on the way.
import { makeSchemaCheck } from '../bedrock/schema-check.ts'
import { type BindOptions, type Bound, bindRequest } from '../connector/bind-request.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { type DocumentNeed, NeedsDocument } from '../connector/documents/document-supply.ts'
import { laneVariables } from '../connector/lane-inputs.ts'
import { openSecretText, type SecretText } from '../connector/secret-text.ts'
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
export type Binding =
  | { readonly kind: 'bound'; readonly bound: Bound }
  /** Something from outside must be supplied first. */
  | { readonly kind: 'needs'; readonly needs: readonly DocumentNeed[] }

/** The same, in a form that can be sent to another thread. */
type BindingCopy =
  | { readonly kind: 'bound'; readonly bound: BoundCopy }
  | { readonly kind: 'needs'; readonly needs: string }

/** Binds in the thread that calls. */
export function bindHere(variables: string, options: BindOptions): Binding {
  try {
    return { kind: 'bound', bound: bindRequest(variables, options) }
  } catch (error) {
    if (!(error instanceof NeedsDocument)) throw error
    return { kind: 'needs', needs: error.needs }
  }
}

function bind(variables: string, options: Omit<BindOptions, 'supply'>, supplied: SupplyCopy): BindingCopy {
  const binding = bindHere(variables, { ...options, supply: readSupply(supplied) })
  if (binding.kind === 'bound') return { kind: 'bound', bound: copyBound(binding.bound) }
  return { kind: 'needs', needs: copyNeeds(binding.needs) }
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

/** What {@link openSecretText} does, each with a text of its own. */
const usesSecrets = (variables: string, compatibility: Compatibility) =>
  openSecretText(variables, compatibility).uses()
const secretNames = (
  variables: string,
  compatibility: Compatibility,
  ...given: Parameters<SecretText['names']>
) => openSecretText(variables, compatibility).names(...given)
const withSecrets = (
  variables: string,
  compatibility: Compatibility,
  ...given: Parameters<SecretText['withValues']>
) => openSecretText(variables, compatibility).withValues(...given)

const schemas = makeSchemaCheck()

export const JOB_WORK = {
  bind,
  pack,
  packOutcome,
  laneVariables,
  schemaFault: schemas.fault,
  schemaViolations: schemas.violations,
  secretNames,
  unpack,
  usesSecrets,
  withSecrets,
}
export type JobWork = typeof JOB_WORK
