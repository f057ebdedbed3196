import type { JobKey } from '../../src/job/ids.ts'
import { type AwayGroup, type AwayStore, groupName } from '../../src/lanes/away/away-store.ts'

/** The order of jobs that are away, in memory; test/flow/away-store.test.ts tests the real one. */
export function memory(): AwayStore {
  const groups = new Map<string, AwayGroup & { away: Map<JobKey, number>; recalled: Map<JobKey, number> }>()
  const held = new Map<JobKey, number>()
  let last = 0
  const of = (group: AwayGroup) => {
    const known = groups.get(groupName(group)) ?? { ...group, away: new Map(), recalled: new Map() }
    groups.set(groupName(group), known)
    return known
  }
  return {
    async look(group) {
      const { away, recalled } = of(group)
      return { away: away.size, recalled: recalled.size, onTheirWay: 0 }
    },
    async arrive(group, jobs) {
      const { away, recalled } = of(group)
      const came = jobs.map((key) => ({
        order: away.get(key) ?? recalled.get(key) ?? null,
        recalled: recalled.has(key),
        sinceMs: held.get(key) ?? null,
      }))
      for (const key of jobs) for (const known of [away, recalled, held]) known.delete(key)
      const olderThan = (order: number) => [...away.values()].filter((each) => each < order).length
      return came.map((each) => ({ ...each, older: olderThan(each.order ?? Number.POSITIVE_INFINITY) }))
    },
    async leave(group, jobs) {
      for (const { key, order, sinceMs } of jobs) {
        of(group).away.set(key, order ?? ++last)
        if (sinceMs !== null) held.set(key, sinceMs)
      }
    },
    async recall(group, most) {
      const { away, recalled } = of(group)
      const oldest = [...away].sort(([, one], [, other]) => one - other).slice(0, most)
      for (const [key, order] of oldest) {
        away.delete(key)
        recalled.set(key, order)
      }
      return oldest.map(([key]) => key)
    },
    forget: async () => undefined,
    groups: async () =>
      [...groups.values()].filter(({ away }) => away.size > 0).map(({ lane, of }) => ({ lane, of })),
    counts: async () => new Map(),
    drop: async () => undefined,
  }
}
