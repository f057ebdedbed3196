// The lane that a job lies in was chosen by what its variables say by themselves. What it asks for is known when it has been
// read, with its secrets and documents: where that is of another lane, nothing is sent from this one, and the job goes there. So
// a pause, a quota, a budget and the regions of a worker hold whatever way a diagram has of naming a region or a model.
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { Disposal, TakenJob } from '../lanes/queue/taken-job.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { Insist } from '../redis/retry-until-stopped.ts'
import type { Events } from '../telemetry/events.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { leftFor } from './disposal.ts'

/** An account may be known later than region and model; a job of which it is never twice the same goes round no longer. */
const MOST_MOVES = 4

/**
 * What becomes of a job by the lane it lies in, the one that its request is for, and how often it was moved. `unsteady`: it asks
 * for another region or model each time it is read. Pure.
 */
export function judgePlace(
  lies: LaneName,
  asked: LaneName,
  moves: number,
): 'here' | 'elsewhere' | 'unsteady' {
  if (lies === asked) return 'here'
  if (moves === 0) return 'elsewhere'
  const [from, to] = [parseLaneName(lies), parseLaneName(asked)]
  const isSame = from.region === to.region && from.model === to.model
  return isSame && moves < MOST_MOVES ? 'elsewhere' : 'unsteady'
}

/** @param lies - the lane that the job was moved to when it was read before. */
export function unsteadyError(lies: LaneName, asked: LaneName): ConnectorError {
  return inputError(
    `Nothing was sent to Bedrock: this task asked for lane ${lies} when it was read first, and for ${asked} when it had its turn there. Its region, model and access key must stay the same while it waits: look at the documents, functions and secrets that they come from, then resolve the incident.`,
  )
}

export interface MoveParts {
  readonly store: Pick<JobStore, 'move'>
  readonly events: Events
  readonly tracing: Tracing
  /** Puts a queued job into a lane, where it is not there already. */
  readonly putInto: (lane: LaneName, job: TakenJob) => Promise<void>
  /** Whether a lane has a place among those that there may be, or gets one. */
  readonly admits: (lane: LaneName) => Promise<boolean>
}

/** A job that was taken out of a lane it does not belong to. */
export interface Misplaced {
  readonly job: QueuedJob
  readonly taken: TakenJob
  /** The lane that it was taken out of. */
  readonly from: LaneName
  readonly insist: Insist
}

/**
 * Moves a job that was started here. Its record goes first: whoever dies before the queued job has followed leaves it in no lane,
 * where it is found, and one that is met in the lane it left goes after its record ({@link follow}). Null: there is no place for
 * the lane, and nothing was done.
 * @param start - the name of the start.
 */
export async function moveTo(
  parts: MoveParts,
  misplaced: Misplaced,
  { lane, start }: { readonly lane: LaneName; readonly start: string },
): Promise<Disposal | null> {
  const { job, insist } = misplaced
  if (!(await insist(() => parts.admits(lane)))) return null
  const to = { lane, start, trace: parts.tracing.current().place }
  const standing = await insist(() => parts.store.move(job.key, job.epoch, to))
  return standing === 'ours' ? follow(parts, misplaced, lane) : leftFor(standing)
}

/** The record of a job says that it is in another lane: so it leaves this one. */
export async function follow(
  { putInto, events }: Pick<MoveParts, 'putInto' | 'events'>,
  { job, taken, from, insist }: Misplaced,
  lane: LaneName,
): Promise<Disposal> {
  await insist(() => putInto(lane, taken))
  events.emit('moved', { ...jobInLane(job, from), to: lane })
  return { kind: 'finished', moved: true }
}
