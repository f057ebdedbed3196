// What a lane may send by what operators wrote: the file of lane rules first, then the settings, then their defaults. Pure.
import { isUnroutable, type Lane } from '../job/lane.ts'
import { type LaneQuota, laneQuota, NO_QUOTA } from './lane-quota.ts'
import type { QuotaRule } from './lane-rules.ts'
import { fitsLane } from './pattern.ts'

/** Where the rule stands that a lane's quota is from. */
export type QuotaOrigin = 'file' | 'settings' | 'default' | 'none'

export interface GrantedQuota extends LaneQuota {
  readonly origin: QuotaOrigin
}

export type DefaultQuota = Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute'>

export interface QuotaSources {
  /** Of QUARRY_LANES_FILE. */
  readonly file: readonly QuotaRule[]
  readonly settings: readonly QuotaRule[]
  /** Of a lane that no rule fits, and of figures that a rule leaves out. */
  readonly byDefault: DefaultQuota
}

/** The first rule that fits counts, over the defaults. Jobs that can only fail wait for no quota. */
export function grantedQuota(lane: Lane, { file, settings, byDefault }: QuotaSources): GrantedQuota {
  if (isUnroutable(lane)) return { ...NO_QUOTA, origin: 'none' }
  return {
    ...laneQuota(lane, [...file, ...settings], byDefault),
    origin: originOf(lane, { file, settings, byDefault }),
  }
}

function originOf(lane: Lane, { file, settings, byDefault }: QuotaSources): QuotaOrigin {
  if (file.some((rule) => fitsLane(rule, lane))) return 'file'
  if (settings.some((rule) => fitsLane(rule, lane))) return 'settings'
  return (byDefault.requestsPerMinute ?? byDefault.tokensPerMinute) === null ? 'none' : 'default'
}
