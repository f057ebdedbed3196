// The outages of the lanes that this process serves. All workers of a lane share an outage; only the worker whose call began it
// emits an event, the others read it here. An outage of this process alone is known only here.
import type { LaneName } from '../job/ids.ts'
import type { Outage } from '../lanes/read-outages.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'

interface OutageWatchParts {
  readonly events: Events
  readonly read: (lanes: readonly LaneName[]) => Promise<readonly Outage[]>
  /** Whether any job is held: without one nothing is called, and no outage begins or ends. */
  readonly holdsAny: () => Promise<boolean>
  /** @default 5000 */
  readonly everyMs?: number
}

export interface OutageWatch extends Service {
  /** As read last; unchanged while Redis is down. */
  outages(): readonly Outage[]
}

const EVERY_MS = 5_000

/** Follows the lanes that this process opens and closes from now on. */
export function makeOutageWatch({
  events,
  read,
  holdsAny,
  everyMs = EVERY_MS,
}: OutageWatchParts): OutageWatch {
  const open = new Set<LaneName>()
  const own = new Map<LaneName, Outage>()
  let last: readonly Outage[] = []
  /** Whether to read without first checking for held jobs: a lane was opened, an outage began or ended, or jobs were held last time. */
  let changed = true
  const look = async (): Promise<readonly Outage[]> => {
    const atOnce = changed
    if (!atOnce && !(await holdsAny())) return last
    changed = !atOnce
    return read([...open].sort())
  }
  const service = makeService({
    name: 'looking for outages of its lanes',
    async round() {
      // The dependency watch logs why Redis does not answer.
      last = await look().catch(() => {
        changed = true
        return last
      })
      // A shared outage ends when any worker's call succeeds.
      for (const { lane } of last) own.delete(lane)
      return everyMs
    },
    onFault: () => undefined,
    // A stopping process needs no further read.
    stopWithinMs: 0,
  })
  events.on('laneOpened', ({ lane }) => {
    open.add(lane)
    changed = true
  })
  events.on('laneClosed', ({ lane }) => {
    open.delete(lane)
    own.delete(lane)
  })
  events.on('outageBegan', ({ lane, why }) => {
    own.set(lane, { lane, sinceMs: Date.now(), why })
    changed = true
    service.wake()
  })
  events.on('outageEnded', ({ lane }) => {
    own.delete(lane)
    changed = true
    service.wake()
  })
  events.on('called', ({ lane, end }) => {
    if (end === 'ok') own.delete(lane)
  })
  return {
    ...service,
    outages: () => [...last.filter(({ lane }) => open.has(lane) && !own.has(lane)), ...own.values()],
  }
}
