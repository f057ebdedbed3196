// Changes lanes for operators while Quarry runs. Each change is stored in Redis, applies to all processes at once, and is written
// to the audit log.
import type { LaneName } from '../job/ids.ts'
import { FIGURES, type OverrideChange } from '../lanes/lane-overrides.ts'
import type { OverrideStore } from '../lanes/override-store.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { Events, QuarryEvents } from '../telemetry/events.ts'
import type { AuditLog } from './audit-log.ts'

export interface LaneControlParts {
  readonly queues: LaneQueues
  readonly overrides: OverrideStore
  readonly audit: AuditLog
  readonly events: Events
  /** The operator, `user@host`. */
  readonly by: string
  /** The reason that the operator gives, for the audit log. @default none */
  readonly reason?: string | undefined
}

/** Limits that override the quota; null returns one to the quota, an absent one stays as it is. */
export type PaceChange = Omit<OverrideChange, 'draining'>

export interface LaneControl {
  setPace(lanes: readonly LaneName[], change: PaceChange): Promise<void>
  /** Workers take no more jobs of the lanes. Running calls continue, and adapters still add jobs. */
  pause(lanes: readonly LaneName[]): Promise<void>
  /** Adapters add no more jobs to the lanes; jobs in the lanes are sent. */
  drain(lanes: readonly LaneName[]): Promise<void>
  /** Ends pause and drain. */
  resume(lanes: readonly LaneName[]): Promise<void>
}

export function makeLaneControl(parts: LaneControlParts): LaneControl {
  const { queues, overrides, by } = parts
  return {
    setPace(lanes, change) {
      return logged(parts, { action: 'pace', lanes, change: describePace(change) }, async (lane) => {
        await overrides.set(lane, change, by)
        await forgetIfUnchanged(parts, lane)
      })
    },
    pause(lanes) {
      return logged(parts, { action: 'pause', lanes, change: 'paused' }, async (lane) => {
        await overrides.remember(lane)
        await queues.of(lane).pause()
      })
    },
    drain(lanes) {
      return logged(parts, { action: 'drain', lanes, change: 'draining' }, (lane) =>
        overrides.set(lane, { draining: true }, by),
      )
    },
    resume(lanes) {
      return logged(parts, { action: 'resume', lanes, change: 'running' }, async (lane) => {
        await queues.of(lane).resume()
        await overrides.set(lane, { draining: null }, by)
        await forgetIfUnchanged(parts, lane)
      })
    },
  }
}

async function forgetIfUnchanged({ queues, overrides }: LaneControlParts, lane: LaneName): Promise<void> {
  if (!(await queues.of(lane).isPaused())) await overrides.forget(lane)
}

/** For people: `requestsPerMinute 100, tokensPerMinute none`. */
export function describePace(change: PaceChange): string {
  return FIGURES.flatMap((figure) => {
    const value = change[figure]
    return value === undefined ? [] : [`${figure} ${value ?? 'none'}`]
  }).join(', ')
}

/**
 * Writes the audit line before the change, so that a change whose process dies is on record. A failed change, which may be
 * half made, adds a line with the lanes that failed.
 */
async function logged(
  { audit, events, by, reason }: LaneControlParts,
  change: Omit<QuarryEvents['lanesChanged'][0], 'by'>,
  act: (lane: LaneName) => Promise<void>,
): Promise<void> {
  const line = { by, ...change, ...(reason !== undefined && { reason }) }
  await audit.add(line)
  const ends = await Promise.allSettled(change.lanes.map(act))
  const failed = ends.flatMap((end, index) =>
    end.status === 'rejected' ? [{ ...end, lane: change.lanes[index] }] : [],
  )
  if (failed.length > 0) {
    const lanes = failed.flatMap(({ lane }) => lane ?? [])
    // If Redis refuses this line too, the first one remains.
    await audit.add({ ...line, change: `${change.change}: failed`, lanes }).catch(() => undefined)
    throw failed[0]?.reason
  }
  events.emit('lanesChanged', { by, ...change })
}
