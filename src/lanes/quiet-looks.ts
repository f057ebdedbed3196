// Looks at all lanes that cost Redis nothing for a lane in which nothing happens: its last look is used again. A lane changes only
// when jobs are put into it, which its registration tells, while it has jobs or calls, or while an operator holds it.
import type { LaneName } from '../job/ids.ts'
import type { LaneRegistry } from './lane-registry.ts'
import type { LaneLook, LaneLooks } from './look-lanes.ts'
import type { OverrideStore } from './override-store.ts'

export interface QuietLooksParts {
  readonly registry: Pick<LaneRegistry, 'list'>
  readonly overrides: Pick<OverrideStore, 'remembered'>
  readonly looks: LaneLooks
  /** ms, from any start. @default performance.now */
  readonly now?: () => number
  readonly random?: () => number
}

export interface QuietLooks extends LaneLooks {
  /** Lanes that are registered, and those that operators changed, by name. To be called before each look. */
  known(): Promise<readonly LaneName[]>
}

/** A lane is noted before its jobs are added. By this much after that, ms, they are there, or the lane was noted again. */
const ADDED_WITHIN_MS = 10_000
/** A quiet lane is looked at again after this, and up to a half sooner: somebody may have changed it by BullMQ's own means. */
const KEPT_MS = 30 * 60_000

interface Kept {
  readonly look: LaneLook
  readonly usedAtMs: number
  readonly atMs: number
  readonly untilMs: number
}

export function makeQuietLooks(parts: QuietLooksParts): QuietLooks {
  const { registry, overrides, looks, now = performance.now.bind(performance), random = Math.random } = parts
  const kept = new Map<LaneName, Kept>()
  let usedAt: ReadonlyMap<LaneName, number> = new Map()
  let held: ReadonlySet<LaneName> = new Set()
  const again = (lane: LaneName): LaneLook | null => {
    const last = kept.get(lane)
    if (last === undefined || last.usedAtMs !== usedAt.get(lane) || now() > last.untilMs) return null
    return { ...last.look, nowMs: last.look.nowMs + Math.round(now() - last.atMs) }
  }
  const keep = (look: LaneLook): void => {
    const usedAtMs = usedAt.get(look.name)
    const isQuiet = usedAtMs !== undefined && look.nowMs - usedAtMs > ADDED_WITHIN_MS && hasNothing(look)
    if (!isQuiet || held.has(look.name)) kept.delete(look.name)
    else {
      const atMs = now()
      kept.set(look.name, { look, usedAtMs, atMs, untilMs: atMs + KEPT_MS * (1 - random() / 2) })
    }
  }
  return {
    async known() {
      const [used, changed] = await Promise.all([registry.list(), overrides.remembered()])
      usedAt = new Map(used.map(({ name, usedAtMs }) => [name, usedAtMs]))
      held = new Set(changed)
      for (const name of kept.keys()) if (!usedAt.has(name) || held.has(name)) kept.delete(name)
      return [...new Set([...usedAt.keys(), ...held])].sort()
    },
    async look(lanes) {
      const last = new Map(lanes.map((lane) => [lane, again(lane)]))
      const fresh = await looks.look(lanes.filter((lane) => last.get(lane) === null))
      for (const look of fresh) keep(look)
      const found = new Map(fresh.map((look) => [look.name, look]))
      return lanes.flatMap((lane) => last.get(lane) ?? found.get(lane) ?? [])
    },
    forgetCalls: looks.forgetCalls,
  }
}

function hasNothing({ jobs, calls, outage }: LaneLook): boolean {
  return calls.size === 0 && outage === null && Object.values(jobs).every((count) => count === 0)
}
