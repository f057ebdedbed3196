// A lane as this worker has it open: its turns and what its calls cost, by the lane's shared pace.
import type { LaneName } from '../job/ids.ts'
import { isUnroutable, type Lane } from '../job/lane.ts'
import { type LaneQuota, NO_QUOTA } from '../pace/lane-quota.ts'
import type { PaceStore } from '../redis/pace-store.ts'
import { type CallTokens, makeCallTokens } from './call-tokens.ts'
import { makeTurns, type TurnParts, type Turns } from './turns.ts'

export interface OpenLane {
  readonly name: LaneName
  readonly lane: Lane
  readonly turns: Turns
  readonly tokens: CallTokens
}

export interface LanePaceParts extends Pick<TurnParts, 'onFailure' | 'now'> {
  readonly store: PaceStore
  /** What is configured for a lane, now. */
  readonly quotaOf: (lane: Lane) => LaneQuota
}

export function makeOpenLane(name: LaneName, lane: Lane, parts: LanePaceParts): OpenLane {
  const { store, onFailure, now } = parts
  const quota = (): LaneQuota => (isUnroutable(lane) ? NO_QUOTA : parts.quotaOf(lane))
  const turns = makeTurns({
    reserve: async (asked) => ({ lane: name, ...(await store.reserve(name, quota(), asked)) }),
    look: () => store.look(name, quota()),
    settle: (_, call) => store.settle(name, quota(), call),
    onFailure,
    now,
  })
  return { name, lane, turns, tokens: makeCallTokens(lane.model) }
}
