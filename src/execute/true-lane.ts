// The adapter chose a job's lane by its variables alone. The real lane is known once the job was read with its secrets and documents. If it is
// another lane, nothing is sent from this one, and the job moves. So pauses, quotas, budgets and regions hold in whatever way a diagram names
// its region or model.
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { type Disposal, FINISHED, SET_ASIDE, type TakenJob } from '../lanes/queue/taken-job.ts'
import type { Standing } from '../ledger/job-state.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { Insist } from '../redis/retry-until-stopped.ts'
import type { Events } from '../telemetry/events.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import type { Tracing } from '../telemetry/tracing.ts'

/** The account may become known later than region and model. Limits the moves of a job whose account changes each time. */
const MOST_MOVES = 4

/**
 * Whether a job is in the lane of its request, or moves there. `unsteady`: it names another region or model each time it is read. Pure.
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

/** @param lies - the lane that the job was moved to before. */
export function unsteadyError(lies: LaneName, asked: LaneName): ConnectorError {
  return inputError(
    `Nothing was sent to Bedrock: this task asked for lane ${lies} when it was read first, and for ${asked} when it had its turn there. Its region, model and access key must stay the same while it waits: look at the documents, functions and secrets that they come from, then resolve the incident.`,
  )
}

export interface MoveParts {
  readonly store: Pick<JobStore, 'move'>
  readonly events: Events
  readonly tracing: Tracing
  /** Puts a queued job into a lane, if it is not there yet. */
  readonly putInto: (lane: LaneName, job: TakenJob) => Promise<void>
  /** Whether a lane has a place (`QUARRY_MAX_LANES`), or gets one. */
  readonly admits: (lane: LaneName) => Promise<boolean>
}

/** A job that was taken from a wrong lane. */
export interface Misplaced {
  readonly job: QueuedJob
  readonly taken: TakenJob
  /** The lane that it was taken from. */
  readonly from: LaneName
  readonly insist: Insist
}

/**
 * Moves a job that was started here, its record first. If this worker dies in between, the job is in no lane, where an adapter finds it; a copy
 * in the old lane follows its record ({@link follow}). Null: the lane gets no place, and nothing was done.
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

/** For a job that this worker lost. It leaves the lane only if its epoch is over: otherwise its other start decides. */
export function leftFor(standing: Standing): Disposal {
  return standing === 'over' ? FINISHED : SET_ASIDE
}

/** Moves a queued job to the lane that its record names. */
export async function follow(
  { putInto, events }: Pick<MoveParts, 'putInto' | 'events'>,
  { job, taken, from, insist }: Misplaced,
  lane: LaneName,
): Promise<Disposal> {
  await insist(() => putInto(lane, taken))
  events.emit('moved', { ...jobInLane(job, from), to: lane })
  return { kind: 'finished', moved: true }
}
