// What an operator wants of a lane while Quarry runs: live changes, over what files and settings grant. Pure.
import type { LaneQuota } from '../rules/lane-quota.ts'

/** What may be wished for. */
export type WishedFigures = Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute' | 'concurrency'>

/** Figures count in place of the quota's, above it too; null: no wish, the quota counts. */
export interface LaneWishes extends WishedFigures {
  /** Adapters put no more jobs into the lane; what is in it is sent. */
  readonly draining: boolean
  /** When the last of them was made, ms since the epoch by Redis's clock; null where there is none. */
  readonly atMs: number | null
  /** Who made it, `user@host`; null where there is none. */
  readonly by: string | null
}

/** A change of wishes: what is absent stays as it is, null takes a wish back. */
export interface WishChange {
  readonly requestsPerMinute?: number | null | undefined
  readonly tokensPerMinute?: number | null | undefined
  readonly concurrency?: number | null | undefined
  readonly draining?: true | null | undefined
}

export const FIGURES = ['requestsPerMinute', 'tokensPerMinute', 'concurrency'] as const

/** The quota in force: a wish goes before it. */
export function wishedQuota(quota: LaneQuota, wishes: LaneWishes): LaneQuota {
  return {
    ...quota,
    requestsPerMinute: wishes.requestsPerMinute ?? quota.requestsPerMinute,
    tokensPerMinute: wishes.tokensPerMinute ?? quota.tokensPerMinute,
    concurrency: wishes.concurrency ?? quota.concurrency,
  }
}
