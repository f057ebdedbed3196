// The overview of each lane for operators: jobs, pace, quota with its origin, state.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import { FIGURES, type LaneOverrides, quotaInForce } from '../lanes/lane-overrides.ts'
import type { LaneRegistry } from '../lanes/lane-registry.ts'
import type { LaneLook, LaneLooks } from '../lanes/look-lanes.ts'
import type { OverrideStore } from '../lanes/override-store.ts'
import { RECENT_MINUTES, type RecentCounts } from '../lanes/recent-figures.ts'
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
export type LaneState = 'running' | 'failing' | 'outage' | 'paused' | 'draining'

/** The outage of a lane. */
export interface OutageView {
  /** ms. */
  readonly lastedMs: number
  /** Names the endpoint, the step that failed and what to check. */
  readonly why: string
}

/** What a lane did in the last five minutes, all workers together. */
export interface RecentView {
  /** Jobs that were answered. */
  readonly jobs: number
  /** Of these, jobs whose outcome is a failure. */
  readonly failed: number
  /** Of these, jobs that were left without retries: Camunda has an incident. */
  readonly incidents: number
  readonly callsPerMinute: number
  readonly throttledPerMinute: number
  /** Mean duration of its calls, ms; null without a call. */
  readonly meanMs: number | null
  /** Input and output, those of a prompt cache included. */
  readonly tokensPerMinute: number
  /** At list price, US dollars; models without a known price count 0. */
  readonly usdPerHour: number
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
   * `paused` hides the others, since nothing is sent then. `failing`: of the jobs answered in the last five minutes, three or more, and at least
   * half, failed. `outage`: one call is sent now and then, until one succeeds;
   * whether the lane is draining too is in its overrides.
   */
  readonly state: LaneState
  /** Null without an outage; in a paused lane, the last known one. */
  readonly outage: OutageView | null
  readonly pace: PaceView
  readonly recent: RecentView
  /** The quota that workers have in force, or this process if no worker has served the lane within a day; `origin` is `override` when a live change overrides a figure. */
  readonly quota: LaneQuota & { readonly origin: QuotaOrigin | 'override' }
  readonly overrides: LaneOverrides
}

interface OverviewParts {
  readonly registry: Pick<LaneRegistry, 'list'>
  readonly overrides: Pick<OverrideStore, 'remembered'>
  readonly looks: Pick<LaneLooks, 'look'>
  readonly quotaOf: (lane: Lane) => GrantedQuota
}

/** Recently used lanes, and lanes that operators changed, sorted by name. */
export async function knownLanes({
  registry,
  overrides,
}: Pick<OverviewParts, 'registry' | 'overrides'>): Promise<readonly LaneName[]> {
  const [used, remembered] = await Promise.all([registry.list(), overrides.remembered()])
  return [...new Set([...used.map(({ name }) => name), ...remembered])].sort()
}

export async function readLanes(parts: OverviewParts): Promise<readonly LaneOverview[]> {
  const looks = await parts.looks.look(await knownLanes(parts))
  return looks.map((look) => laneOverview(look, parts.quotaOf(parseLaneName(look.name))))
}

/** Pure. */
export function laneOverview(look: LaneLook, own: GrantedQuota): LaneOverview {
  const { accountName, ...granted } = look.recent.quota ?? own
  const { name, nowMs, jobs, pace, coolWhy, outage, overrides, concurrency } = look
  const cooldownMs = Math.max(0, (pace?.coolUntil ?? 0) - nowMs)
  const isOverridden = FIGURES.some((figure) => overrides[figure] !== null)
  const quota = quotaInForce(granted, overrides)
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
    quota: { ...quota, origin: isOverridden ? 'override' : granted.origin },
    recent: recentView(look.recent.counts),
    overrides,
  }
}

function recentView(counts: RecentCounts): RecentView {
  const { jobs, failed, incidents, calls, throttled, callMs, tokens, microUsd } = counts
  return {
    ...{ jobs, failed, incidents },
    callsPerMinute: calls / RECENT_MINUTES,
    throttledPerMinute: throttled / RECENT_MINUTES,
    meanMs: calls === 0 ? null : Math.round(callMs / calls),
    tokensPerMinute: tokens / RECENT_MINUTES,
    usdPerHour: (microUsd / 1e6 / RECENT_MINUTES) * 60,
  }
}

/** Fewer failures may be those of one instance. */
const MANY_FAILED = 3

function stateOf({ paused, outage, overrides, recent: { counts } }: LaneLook): LaneState {
  if (paused) return 'paused'
  if (outage !== null) return 'outage'
  if (counts.failed >= MANY_FAILED && 2 * counts.failed >= counts.jobs) return 'failing'
  return overrides.draining ? 'draining' : 'running'
}
