// Which of the lanes that this process serves are in an outage. An outage is shared by all workers of a lane and is told by
// the one whose call met it: the others learn of it here. One that this process alone has is known to it alone.
import type { LaneName } from '../job/ids.ts'
import type { Outage } from '../lanes/read-outages.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'

export interface OutageWatchParts {
  readonly events: Events
  readonly read: (lanes: readonly LaneName[]) => Promise<readonly Outage[]>
  /** @default 5000 */
  readonly everyMs?: number
}

export interface OutageWatch extends Service {
  /** As they were read last, by lane; while Redis is away that stays. */
  outages(): readonly Outage[]
}

const EVERY_MS = 5_000

/** Follows the lanes that are opened and closed from now on. */
export function makeOutageWatch({ events, read, everyMs = EVERY_MS }: OutageWatchParts): OutageWatch {
  const open = new Set<LaneName>()
  const own = new Map<LaneName, Outage>()
  let last: readonly Outage[] = []
  const service = makeService({
    name: 'looking for outages of its lanes',
    async round() {
      // Why Redis does not answer is what the dependency watch tells.
      last = await read([...open].sort()).catch(() => last)
      // Shared ones are ended by whichever worker's call succeeds.
      for (const { lane } of last) own.delete(lane)
      return everyMs
    },
    onFault: () => undefined,
    // What it would still find out nobody is told.
    stopWithinMs: 0,
  })
  events.on('laneOpened', ({ lane }) => open.add(lane))
  events.on('laneClosed', ({ lane }) => {
    open.delete(lane)
    own.delete(lane)
  })
  events.on('outageBegan', ({ lane, why }) => {
    own.set(lane, { lane, sinceMs: Date.now(), why })
    service.wake()
  })
  events.on('outageEnded', ({ lane }) => {
    own.delete(lane)
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
