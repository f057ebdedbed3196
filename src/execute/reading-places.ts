// Places for jobs that are long in being read, as their documents or secrets come slowly. They are apart from the places of
// calls: a lane fetches another job for each that is read for long, so that what waits for a slow server holds up nobody.
import type { WorkOwner } from '../job/fair-queue.ts'
import type { LaneName } from '../job/ids.ts'

/** Gives the place back. Idempotent. */
export type LeavePlace = () => void

export interface ReadingPlaces {
  /** Null where all are taken, or the tenant or its process has its share: as many as are free, and half as many. */
  take(owner: WorkOwner, lane: LaneName): LeavePlace | null
  /** How many jobs of a lane are read in such a place. */
  inLane(lane: LaneName): number
}

/** In all lanes of a process together. */
const PLACES = 64

/** @param onChange - told of a lane in which more or fewer jobs are read so. */
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
      // So that one tenant, however many jobs it has, leaves half of them, and n leave 1/(n+1); and a process of it likewise.
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
