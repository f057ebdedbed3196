// Lets a queued job in: once there is room for it in this process. A job that waits is kept as it was stored, since that is
// small; it is read anew when its turn has come.
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
  /** Aborted when nothing more is to be begun. */
  readonly leaving: AbortSignal
}

export type Admitted =
  | { readonly kind: 'in'; readonly job: QueuedJob; readonly leave: LeaveRoom }
  /** It cannot be read. */
  | { readonly kind: 'unread'; readonly fault: unknown }
  | { readonly kind: 'leaving' }

/**
 * What a job takes for each UTF-16 unit of its variables while it waits for its turn and is sent: its text, the request, the body,
 * and what the SDK makes of it. Measured: 2 for plain text, 4 where the variables are many small values, 5 where a character takes
 * two bytes; and once more as much for what is not collected yet. The tree that it is read into is there for one job at a time.
 */
const BYTES_PER_UNIT = 8
/** More than any job has: whoever says so has not put it into the lane as we do. */
const MOST_UNITS = 64 * 1024 * 1024
/** Beside its variables. */
const LEAST_BYTES = 32 * 1024

/** Never rejects. */
export async function admit(parts: AdmitParts, stored: TakenJob, served: ServedLane): Promise<Admitted> {
  const units = stored.units ?? 0
  if (units >= LARGE_UNITS && units <= MOST_UNITS) return admitLarge(parts, { ...stored, units }, served)
  return admitSmall(parts, stored, served)
}

/** It enters as large as its lane says that it is, and is read aside then. */
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

/** What is not read aside is read here, whatever kept it from that. */
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

/** In a function of its own: what was read before is not held while it waits. */
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

/** From the text that lies in a lane to the job, or to what keeps it from being read. */
function readPayload(codec: PayloadCodec, { id, payload }: TakenJob): Read {
  try {
    return { job: readQueuedJob(codec.decode(payload, id)) }
  } catch (error) {
    return { fault: error }
  }
}
