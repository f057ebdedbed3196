// What tenants hold, by a look that is valid for a moment and by what this adapter has added since; and what they may hold: the rule
// of lanes (lane-share.ts), over all lanes and within each lane.
import type { LaneName } from '../job/ids.ts'
import { laneLimit } from './lane-share.ts'

export interface Holding {
  readonly tenantId: string
  readonly lane: LaneName
  readonly jobs: number
}

export interface TenantShares {
  /** Jobs that all tenants together may hold. */
  readonly maxBacklog: number
  /** Jobs that one lane may hold while no other has any. */
  readonly laneShare: number
  /** Part of the room that one tenant may hold while no other has any; null where there is only one tenant. */
  readonly tenantShare: number | null
}

/** A lane, for the shares of its tenants. */
export interface SharedLane {
  readonly name: LaneName
  /** Jobs that it may still take. */
  readonly room: number
}

export interface KnownTenants {
  /** Replaces what is known by a new look. */
  seen(holdings: readonly Holding[]): void
  add(lane: LaneName, tenantId: string): void
  /** Jobs that a tenant may still take over all lanes. @param free - jobs that are free for all. */
  free(tenantId: string, free: number): number
  /** Jobs of a tenant that a lane may hold. */
  limit(lane: SharedLane, tenantId: string, free: number): number
  /** Jobs of a tenant that a lane may still take. */
  room(lane: SharedLane, tenantId: string, free: number): number
  /** The smallest free part of any tenant's share; 1 where there is only one tenant. */
  leastFree(free: number): number
  /** In how many lanes a tenant has jobs. */
  lanes(tenantId: string): number
  /** Tenants with jobs in a lane. */
  of(lane: LaneName): readonly string[]
}

const nameOf = (tenantId: string, lane: LaneName | ''): string => `${tenantId} ${lane}`

export function makeKnownTenants({ maxBacklog, laneShare, tenantShare }: TenantShares): KnownTenants {
  const ofTenant = { share: (tenantShare ?? 1) * maxBacklog, all: maxBacklog }
  const ofLane = { share: laneShare, all: maxBacklog }
  let holdings: readonly Holding[] = []
  let held = new Map<string, number>()
  const has = (tenantId: string, lane: LaneName | ''): number => held.get(nameOf(tenantId, lane)) ?? 0
  const count = ({ tenantId, lane, jobs }: Holding): void => {
    for (const name of [nameOf(tenantId, ''), nameOf(tenantId, lane)])
      held.set(name, (held.get(name) ?? 0) + jobs)
  }
  const self: KnownTenants = {
    seen(now) {
      holdings = now
      held = new Map()
      for (const each of now) count(each)
    },
    add: (lane, tenantId) => count({ lane, tenantId, jobs: 1 }),
    free(tenantId, free) {
      if (tenantShare === null) return Number.POSITIVE_INFINITY
      const all = has(tenantId, '')
      return laneLimit(Math.max(0, free), all, ofTenant) - all
    },
    limit({ name, room }, tenantId, free) {
      if (tenantShare === null) return Number.POSITIVE_INFINITY
      const own = has(tenantId, name)
      return Math.min(
        laneLimit(Math.max(0, self.free(tenantId, free)), own, ofLane),
        laneLimit(Math.max(0, room), own, ofTenant),
      )
    },
    room: (lane, tenantId, free) =>
      Math.min(self.free(tenantId, free), self.limit(lane, tenantId, free) - has(tenantId, lane.name)),
    leastFree(free) {
      const tenants = tenantShare === null ? [] : holdings.map(({ tenantId }) => tenantId)
      return Math.min(1, ...tenants.map((tenantId) => self.free(tenantId, free) / ofTenant.share))
    },
    lanes: (tenantId) => holdings.filter((each) => each.tenantId === tenantId).length,
    of: (lane) => holdings.filter((each) => each.lane === lane).map(({ tenantId }) => tenantId),
  }
  return self
}
