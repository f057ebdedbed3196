// What this adapter knows of jobs that are back with Zeebe for a while: a look at Redis that is valid for a moment, plus what it has sent
// back since.
import type { LaneName } from '../job/ids.ts'
import { type AwayGroup, type AwayLook, groupName } from '../lanes/away/away-store.ts'

export interface KnownAway {
  /** How many jobs of a group are away. Looks at Redis unless it has just done so. */
  know(group: AwayGroup): Promise<AwayLook>
  /** Sums of the last looks, over all lanes or for one. */
  sum(lane?: LaneName): AwayLook
  /** Groups with jobs away, by the last looks. */
  groups(): readonly AwayGroup[]
  /** Counts jobs that this adapter has sent back. */
  sent(group: AwayGroup, jobs: number): void
}

const KNOWN_FOR_MS = 250

/** @param now - ms, from any start. */
export function makeKnownAway(look: (group: AwayGroup) => Promise<AwayLook>, now: () => number): KnownAway {
  const known = new Map<string, AwayGroup & AwayLook & { readonly atMs: number }>()
  return {
    async know(group) {
      const name = groupName(group)
      const last = known.get(name)
      if (last !== undefined && now() - last.atMs <= KNOWN_FOR_MS) return last
      const seen = { ...group, ...(await look(group)), atMs: now() }
      if (seen.away + seen.recalled + seen.onTheirWay > 0) known.set(name, seen)
      else known.delete(name)
      return seen
    },
    sum(lane) {
      const looks = [...known.values()].filter((group) => lane === undefined || group.lane === lane)
      const total = (of: (look: AwayLook) => number): number => looks.reduce((sum, each) => sum + of(each), 0)
      return {
        away: total(({ away }) => away),
        recalled: total(({ recalled }) => recalled),
        onTheirWay: total(({ onTheirWay }) => onTheirWay),
      }
    },
    groups: () => [...known.values()].map(({ lane, of }) => ({ lane, of })),
    sent(group, jobs) {
      const name = groupName(group)
      const last = known.get(name) ?? { away: 0, recalled: 0, onTheirWay: 0, atMs: now() }
      known.set(name, { ...group, ...last, away: last.away + jobs })
    },
  }
}
