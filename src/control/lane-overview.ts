// Everything an operator wants to know of each lane: its jobs, its pace, its quota and where that is from, its state.
import type { LaneName } from '../job/ids.ts'
import type { Lane } from '../job/lane.ts'
import type { GrantedQuota, QuotaOrigin } from '../pace/granted-quota.ts'
import type { LaneQuota } from '../pace/lane-quota.ts'
import { FIGURES, type LaneWishes, wishedQuota } from '../pace/lane-wishes.ts'
import type { LaneRegistry } from '../redis/lane-registry.ts'
import type { PaceStore, PaceView } from '../redis/pace-store.ts'
import type { WishStore } from '../redis/wish-store.ts'
import type { LaneQueueHandles } from './lane-queue-handles.ts'
import { type LaneDepth, laneDepth } from './lanes.ts'

export interface LaneOverview extends LaneDepth {
  readonly pace: PaceView
  /** In force; `origin` is `wish` where a live change counts in place of a figure. */
  readonly quota: LaneQuota & { readonly origin: QuotaOrigin | 'wish' }
  readonly wishes: LaneWishes
  /** `paused` says more than `draining`: nothing is sent then. */
  readonly state: 'running' | 'paused' | 'draining'
}

export interface OverviewParts {
  readonly registry: Pick<LaneRegistry, 'list'>
  readonly wishes: Pick<WishStore, 'held' | 'readAll'>
  readonly queues: LaneQueueHandles
  readonly pace: Pick<PaceStore, 'read'>
  readonly quotaOf: (lane: Lane) => GrantedQuota
}

/** Lanes that have been used lately, and those that operators changed, by name. */
export async function knownLanes({
  registry,
  wishes,
}: Pick<OverviewParts, 'registry' | 'wishes'>): Promise<readonly LaneName[]> {
  const [used, held] = await Promise.all([registry.list(), wishes.held()])
  return [...new Set([...used.map(({ name }) => name), ...held])].sort()
}

export async function readLanes(parts: OverviewParts): Promise<readonly LaneOverview[]> {
  const names = await knownLanes(parts)
  const wished = await parts.wishes.readAll(names)
  const overviews = names.map(async (name, index) => {
    const wishes = wished[index]
    if (wishes === undefined) return []
    const [depth, paused, pace] = await Promise.all([
      laneDepth(name, parts.queues),
      parts.queues.of(name).isPaused(),
      parts.pace.read(name),
    ])
    const granted = parts.quotaOf(depth)
    const isWished = FIGURES.some((figure) => wishes[figure] !== null)
    const quota = { ...wishedQuota(granted, wishes), origin: isWished ? ('wish' as const) : granted.origin }
    const state: LaneOverview['state'] = paused ? 'paused' : wishes.draining ? 'draining' : 'running'
    return [{ ...depth, state, pace, quota, wishes }]
  })
  return (await Promise.all(overviews)).flat()
}
