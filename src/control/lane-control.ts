// What an operator does to lanes while Quarry runs. Each change is kept in Redis and in force for all processes at once;
// each leaves a line in the audit log.
import type { LaneName } from '../job/ids.ts'
import { FIGURES, type WishChange } from '../lanes/lane-wishes.ts'
import type { LaneQueues } from '../lanes/queue/lane-queues.ts'
import type { WishStore } from '../lanes/wish-store.ts'
import type { Events, QuarryEvents } from '../telemetry/events.ts'
import type { AuditLog } from './audit-log.ts'

export interface LaneControlParts {
  readonly queues: LaneQueues
  readonly wishes: WishStore
  readonly audit: AuditLog
  readonly events: Events
  /** Who does it, `user@host`. */
  readonly by: string
}

/** Figures to send at in place of the quota's; null gives one back to the quota, an absent one stays. */
export type PaceChange = Omit<WishChange, 'draining'>

export interface LaneControl {
  setPace(lanes: readonly LaneName[], change: PaceChange): Promise<void>
  /** No worker takes jobs of the lanes; calls that run go on, and adapters go on adding jobs. */
  pause(lanes: readonly LaneName[]): Promise<void>
  /** Adapters put no more jobs into the lanes; what is in them is sent. */
  drain(lanes: readonly LaneName[]): Promise<void>
  /** Ends pause and drain. */
  resume(lanes: readonly LaneName[]): Promise<void>
}

export function makeLaneControl(parts: LaneControlParts): LaneControl {
  const { queues, wishes, by } = parts
  return {
    setPace(lanes, change) {
      return tell(parts, { action: 'pace', lanes, change: describePace(change) }, async (lane) => {
        await wishes.set(lane, change, by)
        await releaseIfUnchanged(parts, lane)
      })
    },
    pause(lanes) {
      return tell(parts, { action: 'pause', lanes, change: 'paused' }, async (lane) => {
        await wishes.hold(lane)
        await queues.of(lane).pause()
      })
    },
    drain(lanes) {
      return tell(parts, { action: 'drain', lanes, change: 'draining' }, (lane) =>
        wishes.set(lane, { draining: true }, by),
      )
    },
    resume(lanes) {
      return tell(parts, { action: 'resume', lanes, change: 'running' }, async (lane) => {
        await queues.of(lane).resume()
        await wishes.set(lane, { draining: null }, by)
        await releaseIfUnchanged(parts, lane)
      })
    },
  }
}

async function releaseIfUnchanged({ queues, wishes }: LaneControlParts, lane: LaneName): Promise<void> {
  if (!(await queues.of(lane).isPaused())) await wishes.release(lane)
}

/** For people: `requestsPerMinute 100, tokensPerMinute none`. */
export function describePace(change: PaceChange): string {
  return FIGURES.flatMap((figure) => {
    const value = change[figure]
    return value === undefined ? [] : [`${figure} ${value ?? 'none'}`]
  }).join(', ')
}

/**
 * The line is there before the change: one whose process dies has left its trace. One that fails, perhaps half way, leaves another
 * line, with its lanes.
 */
async function tell(
  { audit, events, by }: LaneControlParts,
  told: Omit<QuarryEvents['lanesChanged'][0], 'by'>,
  act: (lane: LaneName) => Promise<void>,
): Promise<void> {
  await audit.add({ by, ...told })
  const ends = await Promise.allSettled(told.lanes.map(act))
  const failed = ends.flatMap((end, index) =>
    end.status === 'rejected' ? [{ ...end, lane: told.lanes[index] }] : [],
  )
  if (failed.length > 0) {
    const lanes = failed.flatMap(({ lane }) => lane ?? [])
    // Where Redis takes no line either, the first one stands.
    await audit.add({ by, ...told, change: `${told.change}: failed`, lanes }).catch(() => undefined)
    throw failed[0]?.reason
  }
  events.emit('lanesChanged', { by, ...told })
}
