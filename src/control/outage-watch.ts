// The outages of the lanes that this process serves. All workers of a lane share an outage; only the worker whose call began it
// emits an event, the others read it here. An outage of this process alone is known only here.
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
  /** As read last; unchanged while Redis is down. */
  outages(): readonly Outage[]
}

const EVERY_MS = 5_000

/** Follows the lanes that this process opens and closes from now on. */
export function makeOutageWatch({ events, read, everyMs = EVERY_MS }: OutageWatchParts): OutageWatch {
  const open = new Set<LaneName>()
  const own = new Map<LaneName, Outage>()
  let last: readonly Outage[] = []
  const service = makeService({
    name: 'looking for outages of its lanes',
    async round() {
      // The dependency watch logs why Redis does not answer.
      last = await read([...open].sort()).catch(() => last)
      // A shared outage ends when any worker's call succeeds.
      for (const { lane } of last) own.delete(lane)
      return everyMs
    },
    onFault: () => undefined,
    // A stopping process needs no further read.
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
