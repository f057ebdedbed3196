// Admits a queued job once this process has room for it. A waiting job is kept in its stored form, which is small, and decoded again when it
// is admitted.
import { type Aside, HERE } from '../aside/aside.ts'
import type { UnpackResult } from '../aside/job-work.ts'
import { LARGE_UNITS } from '../job/large-job.ts'
import { keyOfQueued, type QueuedJob, readQueuedJob } from '../job/queued-job.ts'
import { readFlow } from '../lanes/order/flow.ts'
import { flowOfName } from '../lanes/order/lane-order.ts'
import type { TakenJob } from '../lanes/queue/taken-job.ts'
import { type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'
import { timed } from '../telemetry/loop-work.ts'
import type { JobRoom, LeaveRoom } from './job-room.ts'
import type { ServedLane } from './served-lane.ts'

export interface AdmitParts {
  readonly codec: PayloadCodec
  readonly room: JobRoom
  /** Reads large jobs. @default here */
  readonly aside?: Aside
  /** Aborted when the worker starts no more jobs. */
  readonly leaving: AbortSignal
}

export type Admitted =
  | { readonly kind: 'in'; readonly job: QueuedJob; readonly leave: LeaveRoom }
  /** Its payload cannot be read. */
  | { readonly kind: 'unread'; readonly fault: unknown }
  | { readonly kind: 'leaving' }

/**
 * Memory of a job per UTF-16 unit of its variables while it waits for its turn and is sent: text, request, body, and the SDK's copies.
 * Measured: 2 for plain text, 4 for many small values, 5 for two-byte characters; doubled for garbage that is not collected yet. The parsed
 * tree exists for one job at a time.
 */
const BYTES_PER_UNIT = 8
/** Larger than any job: a bigger number was not written by Quarry. */
const MOST_UNITS = 64 * 1024 * 1024
/** Memory of a job besides its variables, its call in flight included: 5,000 calls with prompts of 2 KB took 360 MB, garbage included. */
const LEAST_BYTES = 64 * 1024

/** Never rejects. */
export async function admit(parts: AdmitParts, stored: TakenJob, served: ServedLane): Promise<Admitted> {
  const units = stored.units ?? 0
  if (units >= LARGE_UNITS && units <= MOST_UNITS) return admitLarge(parts, { ...stored, units }, served)
  return admitSmall(parts, stored, served)
}

/** Admits it by the size that is stored with it, and then decodes it in the thread for large jobs. */
async function admitLarge(
  { room, codec, aside = HERE, leaving }: AdmitParts,
  stored: TakenJob & { readonly units: number },
  served: ServedLane,
): Promise<Admitted> {
  const { id, name, payload, units } = stored
  const bytes = LEAST_BYTES + BYTES_PER_UNIT * units
  const owner = readFlow(flowOfName(name)) ?? { tenantId: '', bpmnProcessId: '' }
  let leave: LeaveRoom | null = null
  try {
    leave = room.tryEnter(bytes) ?? (await room.enter(bytes, { ...owner, lane: served.name }, leaving))
    const reading = aside.run('unpack', { units, owner }, payload, id, codec.plan())
    const read = await reading.catch(() => NOT_THERE)
    if (read.kind === 'job') return { kind: 'in', job: read.job, leave }
    if (read.kind === 'refused') throw refusal(read)
    const here = readStored(codec, stored, served)
    if ('job' in here) return { kind: 'in', job: here.job, leave }
    throw here.fault
  } catch (fault) {
    leave?.()
    return leaving.aborted ? { kind: 'leaving' } : { kind: 'unread', fault }
  }
}

/** The thread failed: decode the job here. */
const NOT_THERE = { kind: 'notThere' } as const

function refusal({ code, message, keyId }: Extract<UnpackResult, { kind: 'refused' }>): PayloadError {
  return new PayloadError(code, message, keyId === undefined ? {} : { keyId })
}

async function admitSmall(parts: AdmitParts, stored: TakenJob, served: ServedLane): Promise<Admitted> {
  const first = readStored(parts.codec, stored, served)
  if ('fault' in first) return { kind: 'unread', ...first }
  const bytes = LEAST_BYTES + BYTES_PER_UNIT * (first.job.variables.length + first.job.customHeaders.length)
  const leave = parts.room.tryEnter(bytes)
  if (leave !== null) return { kind: 'in', job: first.job, leave }
  return waitForRoom(parts, stored, served, {
    bytes,
    tenantId: first.job.tenantId,
    bpmnProcessId: first.job.bpmnProcessId,
  })
}

/** A separate function, so that the decoded job is not held in memory while it waits. */
async function waitForRoom(
  { codec, room, leaving }: AdmitParts,
  stored: TakenJob,
  served: ServedLane,
  { bytes, ...owner }: { bytes: number; tenantId: string; bpmnProcessId: string },
): Promise<Admitted> {
  try {
    const leave = await room.enter(bytes, { ...owner, lane: served.name }, leaving)
    const again = readStored(codec, stored, served)
    if ('job' in again) return { kind: 'in', job: again.job, leave }
    leave()
    return { kind: 'unread', ...again }
  } catch {
    return { kind: 'leaving' }
  }
}

function readStored(codec: PayloadCodec, stored: TakenJob, { name }: ServedLane): Read {
  const jobKey = keyOfQueued(stored.id) ?? stored.id
  return timed({ stage: 'decode', jobKey, processId: '', lane: name }, () => readPayload(codec, stored))
}

type Read = { readonly job: QueuedJob } | { readonly fault: unknown }

/** Decodes a stored job, or returns the error. */
function readPayload(codec: PayloadCodec, { id, payload }: TakenJob): Read {
  try {
    return { job: readQueuedJob(codec.decode(payload, id)) }
  } catch (error) {
    return { fault: error }
  }
}
