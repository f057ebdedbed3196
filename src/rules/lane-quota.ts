// Which quota a lane has. Pure.
import type { Lane } from '../job/lane.ts'
import type { ProfileRule, QuotaRule } from './lane-rules.ts'
import { fitsEither } from './model-profiles.ts'

/** What a lane may send; null where nothing is configured. */
export interface LaneQuota {
  readonly requestsPerMinute: number | null
  /** Input and output tokens together. */
  readonly tokensPerMinute: number | null
  /** Calls in flight, of all workers together. */
  readonly concurrency: number | null
  /** Seconds of quota that AWS lets be used at once. */
  readonly burstSeconds: number
}

/** AWS does not say how much of a quota may be used at once; a second's worth always was. */
const BURST_SECONDS = 1

export const NO_QUOTA: LaneQuota = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrency: null,
  burstSeconds: BURST_SECONDS,
}

/**
 * The first rule whose account, region and model match, over the default for lanes that none names.
 * @param profiles - models behind profiles, whose quotas count for these
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
