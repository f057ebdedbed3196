// Figures of what all processes share, read from Redis.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneLooks } from '../lanes/look-lanes.ts'
import type { ShardLooks, ShardsLook } from '../ledger/look-shards.ts'
import type { KnownWorkers } from '../ledger/worker-pulse.ts'
import type { GrantedQuota } from '../rules/granted-quota.ts'
import { type LaneFigures, laneFigures } from './lane-figures.ts'

export interface SharedFigures extends Omit<ShardsLook, 'oldestMs'> {
  /** By name. */
  readonly lanes: readonly LaneFigures[]
  /** Live bedrock workers. */
  readonly workers: number
}

interface SharedFiguresParts {
  readonly known: () => Promise<readonly LaneName[]>
  readonly lanes: LaneLooks
  readonly shards: ShardLooks
  readonly workers: () => Promise<KnownWorkers>
  readonly quotaOf: (lane: Lane) => GrantedQuota
  /** Jobs of each lane that are back with Zeebe. */
  readonly away: () => Promise<ReadonlyMap<LaneName, number>>
}

/** Reads everything in three round trips, one of them for the names of the lanes. */
export async function readSharedFigures(parts: SharedFiguresParts): Promise<SharedFigures> {
  const [names, { alive, listed }] = await Promise.all([parts.known(), parts.workers()])
  const [looks, shards, away] = await Promise.all([
    parts.lanes.look(names),
    parts.shards.look(names),
    parts.away(),
  ])
  const { oldestMs, ...totals } = shards
  const lanes = looks.map((look, index) =>
    laneFigures(look, {
      granted: parts.quotaOf(parseLaneName(look.name)),
      oldestMs: oldestMs[index] ?? 0,
      away: away.get(look.name) ?? 0,
      alive,
    }),
  )
  await Promise.all(
    looks.map(async ({ name, calls }) => {
      const dead = [...calls.keys()].filter((process) => !listed.has(process))
      if (dead.length > 0) await parts.lanes.forgetCalls(name, dead)
    }),
  )
  return { ...totals, lanes, workers: alive.size }
}
