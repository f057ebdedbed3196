// Which lanes this worker has open: those of its regions that have jobs. They are opened on demand, when the
// adapter wakes them or the registry shows them, and closed when they have been empty for a while.
import type { LaneName } from '../job/ids.ts'
import { isUnroutable, type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneRegistry } from '../redis/lane-registry.ts'
import type { Events } from '../telemetry/events.ts'
import type { LaneConsumer } from './lane-consumer.ts'

export interface OpenLanesOptions {
  readonly registry: LaneRegistry
  /** Regions this worker serves; undefined means all. */
  readonly regions: readonly string[] | undefined
  readonly open: (name: LaneName, lane: Lane) => Promise<LaneConsumer>
  readonly events: Events
  readonly now: () => number
  /** @default 300_000 */
  readonly idleMs?: number
  /** @default 1_000 */
  readonly sweepMs?: number
}

export interface OpenLanes {
  start(): Promise<void>
  /** Makes sure that a lane of this worker's regions is open. */
  wake(name: LaneName): void
  get(name: LaneName): LaneConsumer | undefined
  all(): readonly LaneConsumer[]
  /** Stops taking jobs in all lanes. */
  pause(): Promise<void>
  /** Waits for running jobs and closes all lanes. */
  close(): Promise<void>
}

const IDLE_MS = 5 * 60_000
const SWEEP_MS = 1_000

export function makeOpenLanes(options: OpenLanesOptions): OpenLanes {
  const { registry, events, now, idleMs = IDLE_MS } = options
  const lanes = new Map<LaneName, Promise<LaneConsumer | null>>()
  const opened = new Map<LaneName, LaneConsumer>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const wake = (name: LaneName): void => {
    if (stopped || lanes.has(name)) return
    const lane = parseLaneName(name)
    if (!serves(options.regions, lane)) return
    const opening = options.open(name, lane).then(
      (consumer) => {
        opened.set(name, consumer)
        events.emit('laneOpened', { lane: name, requestsPerMinute: consumer.requestsPerMinute })
        return consumer
      },
      (error: unknown) => {
        lanes.delete(name)
        events.emit('fault', { where: `opening lane ${name}`, error })
        return null
      },
    )
    lanes.set(name, opening)
  }
  const close = async (name: LaneName, consumer: LaneConsumer): Promise<void> => {
    opened.delete(name)
    await consumer.close()
    lanes.delete(name)
    events.emit('laneClosed', { lane: name })
  }
  const sweep = async (): Promise<void> => {
    for (const known of await registry.list()) {
      const idle = now() - known.usedAtMs > idleMs
      const consumer = opened.get(known.name)
      if (!idle) wake(known.name)
      else if (consumer !== undefined && (await consumer.depth()) === 0) await close(known.name, consumer)
    }
  }
  const loop = (): void => {
    if (stopped) return
    timer = setTimeout(() => {
      sweep()
        .catch((error: unknown) => events.emit('fault', { where: 'looking for lanes', error }))
        .finally(loop)
    }, options.sweepMs ?? SWEEP_MS)
  }
  return {
    async start() {
      // Lanes with old backlogs are opened too: after this the registry's times tell.
      for (const known of await registry.list()) wake(known.name)
      loop()
    },
    wake,
    get: (name) => opened.get(name),
    all: () => [...opened.values()],
    async pause() {
      stopped = true
      clearTimeout(timer)
      await Promise.all(lanes.values())
      await Promise.all([...opened.values()].map((consumer) => consumer.pause()))
    },
    async close() {
      await Promise.all([...opened.values()].map((consumer) => consumer.close()))
      opened.clear()
      lanes.clear()
    },
  }
}

function serves(regions: readonly string[] | undefined, lane: Lane): boolean {
  return regions === undefined || isUnroutable(lane) || regions.includes(lane.region)
}
