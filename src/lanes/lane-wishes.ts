// An operator's live changes of a lane, which override files and settings. Pure.
import type { LaneQuota } from '../rules/lane-quota.ts'

/** Figures that can be changed. */
export type WishedFigures = Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute' | 'concurrency'>

/** Figures replace the quota's, even if they are higher; null: no wish, the quota counts. */
export interface LaneWishes extends WishedFigures {
  /** Adapters add no more jobs to the lane; jobs in it are sent. */
  readonly draining: boolean
  /** When the last wish was made, ms since the epoch by Redis's clock; null if there is none. */
  readonly atMs: number | null
  /** Who made it, `user@host`; null if there is none. */
  readonly by: string | null
}

/** A change of wishes: an absent field stays as it is, null removes a wish. */
export interface WishChange {
  readonly requestsPerMinute?: number | null | undefined
  readonly tokensPerMinute?: number | null | undefined
  readonly concurrency?: number | null | undefined
  readonly draining?: true | null | undefined
}

export const FIGURES = ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const

/** The quota in force: wishes override it. */
export function wishedQuota(quota: LaneQuota, wishes: LaneWishes): LaneQuota {
  return {
    ...quota,
    requestsPerMinute: wishes.requestsPerMinute ?? quota.requestsPerMinute,
    tokensPerMinute: wishes.tokensPerMinute ?? quota.tokensPerMinute,
    concurrency: wishes.concurrency ?? quota.concurrency,
  }
}
