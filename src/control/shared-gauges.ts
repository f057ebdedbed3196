// Gauges of what all processes share. Only the ops role serves them: once, not once per pod.
import { Gauge, type Registry } from 'prom-client'
import type { LaneReader } from './lanes.ts'

export interface SharedGaugeSources {
  readonly lanes: LaneReader
  readonly backlog: () => Promise<{ held: number; outcomes: number; bytes: number }>
  /** False while Redis is away: the gauges are then left out, and the rest of the metrics is served. */
  readonly available: () => boolean
}

/** A scrape must end even when Redis goes silent in the middle of it. */
const PATIENCE_MS = 2_000

/** Adds the gauges to a registry; they are read when the registry is. */
export function addSharedGauges(registry: Registry, sources: SharedGaugeSources): void {
  const registers = [registry]
  const depth = new Gauge({
    name: 'quarry_lane_jobs',
    help: 'Jobs in a lane by state: waiting, delayed (after a throttle or a transient error) or active.',
    labelNames: ['lane', 'region', 'model', 'state'],
    registers,
    async collect() {
      const read = await readIfThere(sources, sources.lanes.depths)
      depth.reset()
      for (const { name, region, model, waiting, delayed, active } of read ?? []) {
        for (const [state, count] of Object.entries({ waiting, delayed, active })) {
          depth.set({ lane: name, region, model, state }, count)
        }
      }
    },
  })
  const backlog = new Gauge({
    name: 'quarry_backlog_jobs',
    help: 'Jobs in Redis by state: held (accepted, not answered) or unreported (answered, Zeebe not told yet).',
    labelNames: ['state'],
    registers,
    async collect() {
      const read = await readIfThere(sources, sources.backlog)
      backlog.reset()
      bytes.reset()
      if (read === null) return
      backlog.set({ state: 'held' }, read.held)
      backlog.set({ state: 'unreported' }, read.outcomes)
      bytes.set(read.bytes)
    },
  })
  const bytes = new Gauge({
    name: 'quarry_backlog_bytes',
    help: 'Size of the jobs held and the outcomes unreported, before the compression of jobs.',
    registers,
  })
}

/** Null when Redis is away, breaks off or takes too long. */
async function readIfThere<T>({ available }: SharedGaugeSources, read: () => Promise<T>): Promise<T | null> {
  if (!available()) return null
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS)
  })
  return Promise.race([read().catch(() => null), late]).finally(() => clearTimeout(timer))
}
