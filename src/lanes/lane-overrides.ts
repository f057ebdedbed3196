// An operator's live changes of a lane, which override files and settings. Pure.
import type { LaneQuota } from '../rules/lane-quota.ts'

/** Figures that can be changed. */
export type OverridableFigures = Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute' | 'concurrency'>

/** Figures replace the quota's, even if they are higher; null: no override, the quota counts. */
export interface LaneOverrides extends OverridableFigures {
  /** Adapters add no more jobs to the lane; jobs in it are sent. */
  readonly draining: boolean
  /** When the last override was made, ms since the epoch by Redis's clock; null if there is none. */
  readonly atMs: number | null
  /** Who made it, `user@host`; null if there is none. */
  readonly by: string | null
}

/** A change of overrides: an absent field stays as it is, null removes an override. */
export interface OverrideChange {
  readonly requestsPerMinute?: number | null | undefined
  readonly tokensPerMinute?: number | null | undefined
  readonly concurrency?: number | null | undefined
  readonly draining?: true | null | undefined
}

export const FIGURES = ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const

/** The quota in force: a figure that is overridden, else the granted one. */
export function quotaInForce(quota: LaneQuota, overrides: LaneOverrides): LaneQuota {
  return {
    ...quota,
    requestsPerMinute: overrides.requestsPerMinute ?? quota.requestsPerMinute,
    tokensPerMinute: overrides.tokensPerMinute ?? quota.tokensPerMinute,
    concurrency: overrides.concurrency ?? quota.concurrency,
  }
}
