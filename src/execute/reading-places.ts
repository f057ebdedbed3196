// Places for slow jobs, whose documents or secrets take long to read. They do not count as calls in flight: a lane fetches another job for each
// slow one, so that a slow server holds up nobody else.
import type { WorkOwner } from '../job/fair-queue.ts'
import type { LaneName } from '../job/ids.ts'

/** Gives the place back. Idempotent. */
export type LeavePlace = () => void

export interface ReadingPlaces {
  /** Null if none is free, or the tenant holds as many as are free, or its process half as many. */
  take(owner: WorkOwner, lane: LaneName): LeavePlace | null
  /** Number of slow jobs of a lane. */
  inLane(lane: LaneName): number
}

/** Of a process, for all its lanes. */
const PLACES = 64

/** @param onChange - called when the number of slow jobs of a lane changes. */
export function makeReadingPlaces(onChange: (lane: LaneName) => void, places = PLACES): ReadingPlaces {
  const ofTenant = new Map<string, number>()
  const ofProcess = new Map<string, number>()
  const ofLane = new Map<LaneName, number>()
  let taken = 0
  const count = <Key>(counts: Map<Key, number>, key: Key, more: number): void => {
    const now = (counts.get(key) ?? 0) + more
    if (now === 0) counts.delete(key)
    else counts.set(key, now)
  }
  return {
    take({ tenantId, bpmnProcessId }, lane) {
      const process = JSON.stringify([tenantId, bpmnProcessId])
      // So one tenant leaves half of the places free, and n tenants 1/(n+1), however many jobs they have. Likewise the processes of a tenant.
      const free = places - taken
      if ((ofTenant.get(tenantId) ?? 0) >= free || (ofProcess.get(process) ?? 0) >= Math.ceil(free / 2))
        return null
      const change = (more: number): void => {
        taken += more
        count(ofTenant, tenantId, more)
        count(ofProcess, process, more)
        count(ofLane, lane, more)
        onChange(lane)
      }
      change(1)
      let left = false
      return () => {
        if (left) return
        left = true
        change(-1)
      }
    },
    inLane: (lane) => ofLane.get(lane) ?? 0,
  }
}
