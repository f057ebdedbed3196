// Fails jobs whose maximum wait (QUARRY_MAX_WAIT, or their task's own) ended in a lane, without taking a turn for them: turns are what they
// wait for. One worker at a time sweeps all shards, including lanes without a worker. The job state makes it safe should two do it at once.
import type { JobKey } from '../job/ids.ts'
import { queuedJobId, readQueuedJob } from '../job/queued-job.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { JobState } from '../ledger/job-state.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { HeldJob } from '../ledger/read-held.ts'
import { type PayloadCodec, PayloadError } from '../payload/payload-codec.ts'
import type { Duty } from '../redis/duty.ts'
import type { Events } from '../telemetry/events.ts'
import { jobInLane } from '../telemetry/named-job.ts'
import { isOfRedis } from '../telemetry/redis-trouble.ts'
import { inSpan, type Tracing } from '../telemetry/tracing.ts'
import { makeService, type Service } from '../time/service.ts'
import { startExpiry } from './execution-span.ts'
import type { OverdueOutcome } from './overdue.ts'
import { storeOutcome } from './store-outcome.ts'

export interface ExpiryParts {
  readonly duty: Duty
  readonly store: JobStore
  readonly codec: PayloadCodec
  readonly events: Events
  readonly tracing: Tracing
  readonly lanes: Pick<LaneQueues, 'peek' | 'remove'>
  readonly maxWaitMs: number
  readonly leaseMs: number
  readonly overdue: OverdueOutcome
}

const EVERY_MS = 1_000
const PAGE = 200
const LEAVE_AFTER_MS = 500
/** The same job that cannot be expired is reported again after this. */
const TELL_EVERY_MS = 60_000
/** How often the duty goes to another worker while there are jobs that this one cannot read: that one may have their key. */
const PASS_EVERY_MS = 60_000

export function makeExpirySweep(parts: ExpiryParts): Service {
  const { events, duty, store, maxWaitMs } = parts
  const tell = makeSpacedTelling(events)
  let passedAt = Number.NEGATIVE_INFINITY
  return makeService({
    name: 'expiring jobs that wait',
    async round(stopping) {
      if (!(await duty.isMine())) return EVERY_MS
      let unread = 0
      for (const shard of await store.overdueShards(maxWaitMs)) {
        if (!stopping.aborted) unread += await sweepShard(parts, shard, tell)
      }
      if (unread > 0 && performance.now() - passedAt > PASS_EVERY_MS) {
        passedAt = performance.now()
        await duty.pass()
      }
      return EVERY_MS
    },
    onFault: (fault) => events.emit('fault', fault),
    firstAfterMs: EVERY_MS,
    // A sweep that waits for Redis is abandoned: whatever it still does is safe at any time.
    stopWithinMs: LEAVE_AFTER_MS,
  })
}

type Tell = (held: HeldJob, error: unknown) => void

/** Reports each faulty job once a minute, not with each sweep. */
function makeSpacedTelling(events: Events): Tell {
  let told = new Set<JobKey>()
  let since = performance.now()
  return ({ key: jobKey, lane }, error) => {
    if (performance.now() - since >= TELL_EVERY_MS) {
      told = new Set()
      since = performance.now()
    }
    if (told.has(jobKey)) return
    told.add(jobKey)
    if (error instanceof PayloadError)
      events.emit('payloadRefused', { jobKey, lane, why: error.code, message: error.message })
    else events.emit('jobFault', { jobKey, lane, error })
  }
}

/** @returns how many jobs it cannot read. */
async function sweepShard(parts: ExpiryParts, shard: number, tell: Tell): Promise<number> {
  const { store, maxWaitMs } = parts
  let unread = 0
  const end = async (held: HeldJob): Promise<boolean> => {
    const ended = await settle(parts, held, tell)
    if (ended === 'unread') unread += 1
    return ended === true
  }
  await sweepPages((page) => store.heldLongerThan(shard, maxWaitMs, page), end)
  await sweepPages(
    (page) => store.pastPatience(shard, page),
    async (held) => {
      if (WAITS_OR_RUNS.has(held.state)) return end(held)
      await store.forgetPatience(held.key)
      return true
    },
  )
  return unread
}

const WAITS_OR_RUNS: ReadonlySet<string> = new Set(['queued', 'running'] satisfies JobState[])

/** @param end - resolves to whether the job left the pages. */
async function sweepPages(
  read: (page: { offset: number; limit: number }) => Promise<readonly HeldJob[]>,
  end: (held: HeldJob) => Promise<boolean>,
): Promise<void> {
  for (let offset = 0; ; ) {
    const page = await read({ offset, limit: PAGE })
    for (const held of page) {
      if (!(await end(held))) offset += 1
    }
    if (page.length < PAGE) return
  }
}

/** Whether a job is no longer held; `unread`: it is still held, as this worker cannot read it. */
type Settled = boolean | 'unread'

async function settle(parts: ExpiryParts, held: HeldJob, tell: Tell): Promise<Settled> {
  try {
    return await expire(parts, held, tell)
  } catch (error) {
    // Redis errors concern all jobs. Any other error concerns this job, and must not hold up the others.
    if (isOfRedis(error)) throw error
    tell(held, error)
    return false
  }
}

async function expire(parts: ExpiryParts, held: HeldJob, tell: Tell): Promise<Settled> {
  const { codec, lanes, events } = parts
  // Its record was lost, so nobody else would end it.
  if (held.state === 'gone') return parts.store.abandon(held.key, held.epoch)
  const longGone = held.waitedMs > parts.maxWaitMs + 2 * parts.leaseMs
  if (held.state !== 'queued' && !longGone) return false
  const id = queuedJobId(held.key, held.epoch)
  const payload = await lanes.peek(held.lane, id)
  if (payload === undefined) {
    // Its adapter died before adding it to the lane. The next activation does, unless the job is gone.
    return longGone && parts.store.abandon(held.key, held.epoch)
  }
  if (held.state !== 'queued') return false
  const job = read(() => readQueuedJob(codec.decode(payload, id)))
  if (job instanceof PayloadError) {
    // The missing key is reported when the job is fetched from its lane.
    if (job.keyId === undefined) tell(held, job)
    return 'unread'
  }
  return inSpan(startExpiry(parts.tracing, job, held), async () => {
    const facts = await parts.overdue(job, held)
    if (!(await storeOutcome(parts, { job, lane: held.lane, after: 'waited' }, facts))) return false
    events.emit('expired', { ...jobInLane(job, held.lane), sends: held.sends })
    await lanes.remove(held.lane, id)
    return true
  })
}

function read<T>(work: () => T): T | PayloadError {
  try {
    return work()
  } catch (error) {
    if (error instanceof PayloadError) return error
    throw error
  }
}
