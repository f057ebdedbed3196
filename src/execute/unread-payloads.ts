// Disposes of queued jobs whose payload this worker cannot read, and of their lanes.
import type { LaneName } from '../job/ids.ts'
import { isUnroutable } from '../job/lane.ts'
import { keyOfQueued } from '../job/queued-job.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { Disposal } from '../lanes/queue/taken-job.ts'
import type { KeyGaps } from '../payload/key-gaps.ts'
import { PayloadError } from '../payload/payload-codec.ts'
import type { Events } from '../telemetry/events.ts'
import type { ServedLane } from './served-lane.ts'

export interface UnreadPayloadsParts {
  readonly gaps: KeyGaps
  readonly lanes: Pick<LaneQueues, 'peek' | 'promote'>
  readonly events: Events
  /** Stops taking jobs of a lane. */
  readonly leave: (lane: LaneName) => void
}

/** @param id - the BullMQ id of the job. */
export type UnreadPayload = (
  served: Pick<ServedLane, 'name' | 'lane'>,
  id: string,
  error: unknown,
) => Promise<Disposal>

/** Delay of a job that no worker can read now. */
const SET_ASIDE_MS = 60_000
/** Unreadable jobs of a lane that are remembered. */
const MOST_REMEMBERED = 200

export function makeUnreadPayloads({ gaps, lanes, events, leave }: UnreadPayloadsParts): UnreadPayload {
  /** By lane: unreadable jobs, and whether they were delayed. */
  const met = new Map<LaneName, Map<string, boolean>>()
  return async ({ name, lane }, id, error) => {
    const jobKey = keyOfQueued(id) ?? id
    const aside = (left: boolean): Disposal =>
      left ? { kind: 'requeued', unread: true } : { kind: 'delayed', delayMs: SET_ASIDE_MS, unread: true }
    if (!(error instanceof PayloadError)) {
      events.emit('jobFault', { jobKey, lane: name, error })
      return aside(false)
    }
    if (error.keyId === undefined) {
      events.emit('payloadRefused', { jobKey, lane: name, why: error.code, message: error.message })
      return aside(false)
    }
    const ids = met.get(name) ?? new Map<string, boolean>()
    met.set(name, ids)
    const place = {
      name,
      role: 'bedrock' as const,
      region: isUnroutable(lane) ? null : lane.region,
      async remains() {
        for (const each of [...ids.keys()]) if ((await lanes.peek(name, each)) === undefined) ids.delete(each)
        return ids.size > 0
      },
      onChange(others: boolean) {
        if (others) leave(name)
        // Others can read them now, before they are due.
        const setAside = [...ids].flatMap(([each, was]) => (was ? [each] : []))
        if (others) void lanes.promote(name, setAside).catch(() => undefined)
      },
    }
    const left = await gaps.met(place, error.keyId)
    if (ids.size < MOST_REMEMBERED) ids.set(id, !left)
    if (left) leave(name)
    events.emit('payloadUnread', { jobKey, lane: name, keyId: error.keyId, left })
    return aside(left)
  }
}
