// The overview of each lane for operators: jobs, pace, quota with its origin, state.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneRegistry } from '../lanes/lane-registry.ts'
import { FIGURES, type LaneWishes, wishedQuota } from '../lanes/lane-wishes.ts'
import type { LaneLook, LaneLooks } from '../lanes/look-lanes.ts'
import type { WishStore } from '../lanes/wish-store.ts'
import type { GrantedQuota, QuotaOrigin } from '../rules/granted-quota.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'
import { backlogMs } from './lane-rate.ts'

/** The pace of a lane for operators. */
export interface PaceView {
  /** In force now; null for a lane that was never used. */
  readonly requestsPerMinute: number | null
  /** Ever. */
  readonly throttles: number
  /** Left of a cooldown, ms. */
  readonly cooldownMs: number
  /** The quota that is used up for long, such as tokens per day; null for a short cooldown, and for none. */
  readonly cooldownWhy: string | null
  /** Allowed calls in flight; null for any number. */
  readonly concurrency: number | null
}

/** What a lane is doing. */
export type LaneState = 'running' | 'outage' | 'paused' | 'draining'

/** The outage of a lane. */
export interface OutageView {
  /** ms. */
  readonly lastedMs: number
  /** Names the endpoint, the step that failed and what to check. */
  readonly why: string
}

export interface LaneOverview extends Lane {
  readonly name: LaneName
  /** The account's name in the lanes file, or its part of the lane's name. */
  readonly accountName: string
  /** Jobs that wait for their turn. */
  readonly waiting: number
  /** Jobs that are not due yet, after a throttle or a transient error, or for a budget. */
  readonly delayed: number
  /** Jobs with a worker. */
  readonly active: number
  /** Time that waiting and delayed jobs take at the lane's pace, ms; null when unknown. */
  readonly backlogMs: number | null
  /**
   * `paused` hides the others, since nothing is sent then. `outage`: one call is sent now and then, until one succeeds;
   * whether the lane is draining too is in its wishes.
   */
  readonly state: LaneState
  /** Null without an outage; in a paused lane, the last known one. */
  readonly outage: OutageView | null
  readonly pace: PaceView
  /** The quota in force; `origin` is `wish` when a live change overrides a figure. */
  readonly quota: LaneQuota & { readonly origin: QuotaOrigin | 'wish' }
  readonly wishes: LaneWishes
}

export interface OverviewParts {
  readonly registry: Pick<LaneRegistry, 'list'>
  readonly wishes: Pick<WishStore, 'held'>
  readonly looks: Pick<LaneLooks, 'look'>
  readonly quotaOf: (lane: Lane) => GrantedQuota
}

/** Recently used lanes, and lanes that operators changed, sorted by name. */
export async function knownLanes({
  registry,
  wishes,
}: Pick<OverviewParts, 'registry' | 'wishes'>): Promise<readonly LaneName[]> {
  const [used, held] = await Promise.all([registry.list(), wishes.held()])
  return [...new Set([...used.map(({ name }) => name), ...held])].sort()
}

export async function readLanes(parts: OverviewParts): Promise<readonly LaneOverview[]> {
  const looks = await parts.looks.look(await knownLanes(parts))
  return looks.map((look) => laneOverview(look, parts.quotaOf(parseLaneName(look.name))))
}

/** Pure. */
export function laneOverview(look: LaneLook, { accountName, ...granted }: GrantedQuota): LaneOverview {
  const { name, nowMs, jobs, pace, coolWhy, outage, wishes, concurrency } = look
  const cooldownMs = Math.max(0, (pace?.coolUntil ?? 0) - nowMs)
  const isWished = FIGURES.some((figure) => wishes[figure] !== null)
  const quota = wishedQuota(granted, wishes)
  const lane = parseLaneName(name)
  return {
    ...lane,
    name,
    accountName: accountName ?? lane.account,
    waiting: jobs.waiting + jobs.prioritized,
    delayed: jobs.delayed,
    active: jobs.active,
    backlogMs: backlogMs(look, quota),
    state: stateOf(look),
    outage: outage && { lastedMs: Math.max(0, nowMs - outage.sinceMs), why: outage.why },
    pace: {
      requestsPerMinute: pace === null ? null : pace.pace * 60,
      throttles: pace?.throttles ?? 0,
      cooldownMs,
      cooldownWhy: cooldownMs > 0 && coolWhy !== '' ? coolWhy : null,
      concurrency,
    },
    quota: { ...quota, origin: isWished ? 'wish' : granted.origin },
    wishes,
  }
}

function stateOf({ paused, outage, wishes }: LaneLook): LaneState {
  if (paused) return 'paused'
  if (outage !== null) return 'outage'
  return wishes.draining ? 'draining' : 'running'
}
