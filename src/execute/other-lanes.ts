// The lanes to which jobs of a lane may spill over: how fast they take jobs, and which of them this worker avoids for a while. Jobs are visitors
// there: the other lane's limits hold, and its own jobs come first.
import type { LaneName } from '../job/ids.ts'
import { type Lane, laneName } from '../job/lane.ts'
import type { LaneLimits, PaceStore, Wait } from '../lanes/pace/pace-store.ts'
import { type Spillover, targetOrder } from '../lanes/pace/spillover.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'
import type { TurnAsked, TurnGrant } from './turns.ts'

export interface OtherLanesParts {
  readonly store: Pick<PaceStore, 'reserve'>
  readonly quotaOf: (lane: Lane) => LaneQuota
  readonly random: () => number
  readonly now: () => number
}

export interface OtherLanes {
  /** Sends no jobs to the lane for a while. */
  avoid(lane: LaneName): void
  /** Sum of their paces as last seen, requests per second. */
  pace(spillover: Spillover): number
  /** A turn in the first lane that grants one, else the shortest wait, including that of the own lane. */
  reserve(spillover: Spillover, asked: TurnAsked, own: Wait): Promise<TurnGrant>
  /** The limits for visitors in a lane. */
  limitsIn(lane: Lane): LaneLimits
}

/** A lane that refused a job is avoided this long. */
const AVOID_MS = 60_000

export function makeOtherLanes({ store, quotaOf, random, now }: OtherLanesParts): OtherLanes {
  const paces = new Map<LaneName, number>()
  const avoidedUntil = new Map<LaneName, number>()
  const limitsIn = (lane: Lane): LaneLimits => ({ ...quotaOf(lane), asker: 'visitor' })
  return {
    limitsIn,
    avoid(lane) {
      avoidedUntil.set(lane, now() + AVOID_MS)
    },
    pace: ({ targets }) => targets.reduce((sum, { lane }) => sum + (paces.get(laneName(lane)) ?? 1), 0),
    async reserve(spillover, asked, own) {
      let soonest = own
      for (const lane of targetOrder(spillover, random)) {
        const name = laneName(lane)
        if (now() < (avoidedUntil.get(name) ?? 0)) continue
        const grant = await store.reserve(name, limitsIn(lane), { ...asked, waiting: 1 })
        paces.set(name, grant.pace)
        if (grant.kind === 'go') return { ...grant, lane: name }
        if (grant.waitMs < soonest.waitMs) soonest = grant
      }
      return soonest
    },
  }
}
