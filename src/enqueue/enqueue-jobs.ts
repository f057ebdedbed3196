// Stage 2: activated jobs into their lanes. Accepts first (job state, atomic), adds to the lane second: a crash
// between the two leaves a queued state without a queued job, and the next activation, which adopts it, adds it.
import { createHash } from 'node:crypto'
import type { ActivatedJob } from '../job/activated-job.ts'
import type { LaneName } from '../job/ids.ts'
import { laneName } from '../job/lane.ts'
import type { PayloadCodec } from '../job/payload-codec.ts'
import { queuedJob, queuedJobId, writeQueuedJob } from '../job/queued-job.ts'
import type { Route } from '../job/route.ts'
import type { Acceptable, JobStore } from '../redis/job-store.ts'
import { keepTrying } from '../redis/keep-trying.ts'
import type { LaneRegistry } from '../redis/lane-registry.ts'
import type { Events } from '../telemetry/events.ts'
import { chooseLane } from './choose-lane.ts'
import type { LaneQueues } from './lane-queues.ts'

export interface EnqueueParts {
  readonly store: JobStore
  readonly registry: LaneRegistry
  readonly queues: LaneQueues
  readonly codec: PayloadCodec
  readonly events: Events
  /** Tells from a job's variables where it is to be sent. Never rejects, never takes long. */
  readonly route: (job: ActivatedJob) => Promise<Route>
  readonly now: () => number
  /** Aborted when activated jobs are no longer to be insisted on. */
  readonly stopping: AbortSignal
}

export interface Enqueuer {
  /** Puts activated jobs into their lanes. When it rejects, the jobs come back from Zeebe by their lease. */
  enqueue(jobs: readonly ActivatedJob[]): Promise<void>
}

export function makeEnqueuer(parts: EnqueueParts): Enqueuer {
  const acceptable = async (job: ActivatedJob, key: string): Promise<Acceptable> => ({
    key: job.key,
    deadlineMs: job.deadlineMs,
    retries: job.retries,
    input: createHash('sha256')
      .update(job.variables)
      .update('\n')
      .update(job.customHeaders)
      .digest('base64')
      .slice(0, 22),
    lane: laneName(chooseLane(await parts.route(job), key)),
  })
  return {
    async enqueue(jobs) {
      const key = await parts.registry.accountKey()
      const activations = await Promise.all(jobs.map((job) => acceptable(job, key)))
      const accepted = await parts.store.accept(activations)
      const byLane = new Map<LaneName, { id: string; payload: string }[]>()
      jobs.forEach((job, index) => {
        const answer = accepted[index]
        if (answer === undefined) return
        const { acceptance, epoch, lane } = answer
        parts.events.emit('accepted', { jobKey: job.key, processId: job.bpmnProcessId, lane, acceptance })
        if (acceptance !== 'new' && acceptance !== 'adopt') return
        const id = queuedJobId(job.key, epoch)
        const stored = { id, payload: parts.codec.encode(writeQueuedJob(queuedJob(job, epoch)), id) }
        const lanesJobs = byLane.get(lane)
        if (lanesJobs === undefined) byLane.set(lane, [stored])
        else lanesJobs.push(stored)
      })
      await Promise.all([...byLane].map(([lane, lanesJobs]) => put(parts, lane, lanesJobs)))
    },
  }
}

async function put(
  parts: EnqueueParts,
  lane: LaneName,
  jobs: readonly { id: string; payload: string }[],
): Promise<void> {
  const { queues, registry, events, stopping } = parts
  const onFailure = (error: unknown) => events.emit('fault', { where: `adding jobs to lane ${lane}`, error })
  // Adding twice is harmless: an id that is in the lane already is left as it is.
  await keepTrying(() => queues.add(lane, jobs), { stopping, onFailure })
  await registry.touch(lane, parts.now())
}
