// The lanes where jobs of one lane may spill over, as this worker knows them: how fast they take jobs, and which of them it leaves
// alone for a while. It is a visitor there: the limits of such a lane are its own, and its own jobs come first.
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
  /** Sends no jobs to a lane for a while. */
  avoid(lane: LaneName): void
  /** Requests per second at which they take jobs, as far as they were asked. */
  pace(spillover: Spillover): number
  /** A turn in the first that gives one; else the soonest, the lane's own included, to be waited for. */
  reserve(spillover: Spillover, asked: TurnAsked, own: Wait): Promise<TurnGrant>
  /** What a lane holds a visitor to. */
  limitsIn(lane: Lane): LaneLimits
}

/** A lane that did not let a job in is not tried for so long. */
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
