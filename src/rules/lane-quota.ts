// The quota of a lane. Pure.
import type { Lane } from '../job/lane.ts'
import type { ProfileRule, QuotaRule } from './lane-rules.ts'
import { fitsEither } from './model-profiles.ts'

/** What a lane may send; null if not configured. */
export interface LaneQuota {
  readonly requestsPerMinute: number | null
  /** Input and output tokens together. */
  readonly tokensPerMinute: number | null
  /** Calls in flight, of all workers together. */
  readonly concurrency: number | null
  /** Seconds of quota that AWS allows at once. */
  readonly burstSeconds: number
}

/** AWS does not document how much of a quota may be used at once; a second's worth was always accepted. */
const BURST_SECONDS = 1

export const NO_QUOTA: LaneQuota = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  burstSeconds: BURST_SECONDS,
}

/**
 * The first rule whose account, region and model match, over the default.
 * @param profiles - models behind profiles: their quotas apply to the profiles
 */
export function laneQuota(
  lane: Lane,
  rules: readonly QuotaRule[],
  byDefault: Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute'>,
  profiles: readonly ProfileRule[] = [],
): LaneQuota {
  const rule = rules.find((each) => fitsEither(each, lane, profiles))
  return {
    requestsPerMinute: rule?.requestsPerMinute ?? byDefault.requestsPerMinute,
    tokensPerMinute: rule?.tokensPerMinute ?? byDefault.tokensPerMinute,
    concurrency: rule?.concurrency ?? null,
    burstSeconds: rule?.burstSeconds ?? BURST_SECONDS,
  }
}
