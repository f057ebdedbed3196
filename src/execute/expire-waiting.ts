// Jobs whose patience (QUARRY_MAX_WAIT) ended while they waited in a lane: they are failed where they wait, since
// taking them out in their turn would use up the very rate they are waiting for. Every worker sweeps all shards,
// so that lanes without a worker are covered; the job state makes it safe to do at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { type PayloadCodec, PayloadError } from '../job/payload-codec.ts'
import { queuedJobId, readQueuedJob } from '../job/queued-job.ts'
import type { HeldJob, JobStore } from '../redis/job-store.ts'
import { SHARD_NUMBERS } from '../redis/keys.ts'
import type { Events } from '../telemetry/events.ts'
import type { OverdueOutcome } from './overdue.ts'
import { storeOutcome } from './store-outcome.ts'
import type { WaitingLanes } from './waiting-lanes.ts'

export interface ExpiryParts {
  readonly store: JobStore
  readonly codec: PayloadCodec
  readonly events: Events
  readonly lanes: WaitingLanes
  readonly maxWaitMs: number
  readonly overdue: OverdueOutcome
}

export interface ExpirySweep {
  start(): void
  stop(): Promise<void>
}

const EVERY_MS = 1_000
const MOST_PER_SHARD = 200

export function makeExpirySweep(parts: ExpiryParts): ExpirySweep {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
      try {
        for (const shard of SHARD_NUMBERS) {
          if (!stopping.signal.aborted) await sweepShard(parts, shard)
        }
      } catch (error) {
        if (!stopping.signal.aborted) parts.events.emit('fault', { where: 'expiring jobs that wait', error })
      }
    }
  }
  return {
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }
}

async function sweepShard(parts: ExpiryParts, shard: number): Promise<void> {
  for (const held of await parts.store.heldLongerThan(shard, parts.maxWaitMs, MOST_PER_SHARD)) {
    if (held.state !== 'queued') continue
    await expire(parts, held).catch((error: unknown) => {
      if (!(error instanceof PayloadError)) throw error
      parts.events.emit('jobFault', { jobKey: held.key, lane: held.lane, error })
    })
  }
}

async function expire(parts: ExpiryParts, held: HeldJob): Promise<void> {
  const { codec, lanes, events } = parts
  const id = queuedJobId(held.key, held.epoch)
  const payload = await lanes.peek(held.lane, id)
  // Not in the lane: its adapter died before it could add it. The next activation of the job will.
  if (payload === undefined) return
  const job = readQueuedJob(codec.decode(payload, id))
  const facts = await parts.overdue(job, held)
  if (facts === null || !(await storeOutcome(parts, { job, lane: held.lane, from: 'queued' }, facts))) return
  events.emit('expired', { jobKey: held.key, lane: held.lane, sends: held.sends })
  await lanes.remove(held.lane, id)
}
