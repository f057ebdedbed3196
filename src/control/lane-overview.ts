// Everything an operator wants to know of each lane: its jobs, its pace, its quota and where that is from, its state.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneRegistry } from '../lanes/lane-registry.ts'
import { FIGURES, type LaneWishes, wishedQuota } from '../lanes/lane-wishes.ts'
import type { LaneLook, LaneLooks } from '../lanes/look-lanes.ts'
import type { WishStore } from '../lanes/wish-store.ts'
import type { GrantedQuota, QuotaOrigin } from '../rules/granted-quota.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'
import { backlogMs } from './lane-rate.ts'

/** The pace of a lane as an operator sees it. */
export interface PaceView {
  /** In force now; null for a lane that was never used. */
  readonly requestsPerMinute: number | null
  /** Ever. */
  readonly throttles: number
  /** Left of a cooldown, ms. */
  readonly cooldownMs: number
  /** Why it is, where a quota is used up for long; null for one that passes, and for none. */
  readonly cooldownWhy: string | null
  /** Calls in flight that are allowed, null for any number. */
  readonly concurrency: number | null
}

/** What a lane is doing. */
export type LaneState = 'running' | 'outage' | 'paused' | 'draining'

/** Why a lane gets no answers of Bedrock. */
export interface OutageView {
  /** ms. */
  readonly lastedMs: number
  /** Names the endpoint, the step that failed and what to look at. */
  readonly why: string
}

export interface LaneOverview extends Lane {
  readonly name: LaneName
  /** What the account is called, or else what it is in the lane's name. */
  readonly accountName: string
  /** Jobs that wait for their turn. */
  readonly waiting: number
  /** Jobs after a throttle or a transient error, until they are due. */
  readonly delayed: number
  /** Jobs with a worker. */
  readonly active: number
  /** How long those that wait and those delayed take at its pace, ms; null where that is not known. */
  readonly backlogMs: number | null
  /**
   * `paused` says more than the others: nothing is sent then. `outage`: one call is sent now and then, until one succeeds;
   * whether the lane is drained besides is in its wishes.
   */
  readonly state: LaneState
  /** Null when Bedrock takes its calls; in a lane that is paused it is what was met last. */
  readonly outage: OutageView | null
  readonly pace: PaceView
  /** In force; `origin` is `wish` where a live change counts in place of a figure. */
  readonly quota: LaneQuota & { readonly origin: QuotaOrigin | 'wish' }
  readonly wishes: LaneWishes
}

export interface OverviewParts {
  readonly registry: Pick<LaneRegistry, 'list'>
  readonly wishes: Pick<WishStore, 'held'>
  readonly looks: Pick<LaneLooks, 'look'>
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
