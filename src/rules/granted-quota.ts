// The quota of a lane as configured: by the lanes file first, then the settings, then their defaults. Pure.
import { isUnroutable, type Lane } from '../job/lane.ts'
import { type LaneQuota, laneQuota, NO_QUOTA } from './lane-quota.ts'
import type { AccountRule, ProfileRule, QuotaRule } from './lane-rules.ts'
import { fitsEither } from './model-profiles.ts'
import { accountTitle } from './named-accounts.ts'

/** The source of a lane's quota. */
export type QuotaOrigin = 'file' | 'settings' | 'default' | 'none'

export interface GrantedQuota extends LaneQuota {
  readonly origin: QuotaOrigin
  /** Name of the lane's account; absent if it has none. */
  readonly accountName?: string
}

export type DefaultQuota = Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute'>

interface QuotaSources {
  /** Rules of QUARRY_LANES_FILE. */
  readonly file: readonly QuotaRule[]
  readonly settings: readonly QuotaRule[]
  /** Models behind profiles: their quotas apply to the profiles. @default none */
  readonly profiles?: readonly ProfileRule[] | undefined
  /** Names of accounts. @default none */
  readonly accounts?: readonly AccountRule[] | undefined
  /** For lanes without a matching rule, and for figures that a rule leaves out. */
  readonly byDefault: DefaultQuota
}

/** The first matching rule, over the defaults. The lane of jobs that can only fail has no quota. */
export function grantedQuota(lane: Lane, sources: QuotaSources): GrantedQuota {
  if (isUnroutable(lane)) return { ...NO_QUOTA, origin: 'none' }
  const { file, settings, byDefault, profiles, accounts } = sources
  const accountName = accountTitle(accounts, lane.account)
  return {
    ...(accountName === null ? {} : { accountName }),
    ...laneQuota(lane, [...file, ...settings], byDefault, profiles),
    origin: originOf(lane, sources),
  }
}

function originOf(lane: Lane, { file, settings, byDefault, profiles }: QuotaSources): QuotaOrigin {
  if (file.some((rule) => fitsEither(rule, lane, profiles))) return 'file'
  if (settings.some((rule) => fitsEither(rule, lane, profiles))) return 'settings'
  return (byDefault.requestsPerMinute ?? byDefault.tokensPerMinute) === null ? 'none' : 'default'
}
