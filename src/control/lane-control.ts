// What an operator does to lanes while Quarry runs. Each change is kept in Redis and in force for all processes at once;
// each leaves a line in the audit log.
import type { LaneName } from '../job/ids.ts'
import { FIGURES, type WishChange } from '../pace/lane-wishes.ts'
import type { AuditLog } from '../redis/audit-log.ts'
import type { WishStore } from '../redis/wish-store.ts'
import type { Events, QuarryEvents } from '../telemetry/events.ts'
import type { LaneQueueHandles } from './lane-queue-handles.ts'

export interface LaneControlParts {
  readonly queues: LaneQueueHandles
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
    async setPace(lanes, change) {
      await each(lanes, async (lane) => {
        await wishes.set(lane, change, by)
        await releaseIfUnchanged(parts, lane)
      })
      await tell(parts, 'pace', lanes, describePace(change))
    },
    async pause(lanes) {
      await each(lanes, async (lane) => {
        await wishes.hold(lane)
        await queues.of(lane).pause()
      })
      await tell(parts, 'pause', lanes, 'paused')
    },
    async drain(lanes) {
      await each(lanes, (lane) => wishes.set(lane, { draining: true }, by))
      await tell(parts, 'drain', lanes, 'draining')
    },
    async resume(lanes) {
      await each(lanes, async (lane) => {
        await queues.of(lane).resume()
        await wishes.set(lane, { draining: null }, by)
        await releaseIfUnchanged(parts, lane)
      })
      await tell(parts, 'resume', lanes, 'running')
    },
  }
}

async function each(lanes: readonly LaneName[], act: (lane: LaneName) => Promise<void>): Promise<void> {
  await Promise.all(lanes.map(act))
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

async function tell(
  { audit, events, by }: LaneControlParts,
  action: QuarryEvents['lanesChanged'][0]['action'],
  lanes: readonly LaneName[],
  change: string,
): Promise<void> {
  events.emit('lanesChanged', { by, action, lanes, change })
  await audit.add({ by, action, change, lanes })
}
