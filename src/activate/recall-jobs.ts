// Calls jobs back that went back to Zeebe for a while, the oldest first, once their lane has room, by ending the lease that keeps them
// away. Otherwise newer jobs would take their place.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface RecallParts<Called extends { readonly key: JobKey }> {
  readonly port: Pick<JobPort, 'extend'>
  readonly room: {
    /** The jobs that have room now. Each is given to one adapter, once. */
    readonly recall: () => Promise<readonly Called[]>
    /** Whether jobs may be away, as far as this adapter knows. */
    readonly waits: () => boolean
    /** Called for a job that Zeebe no longer has. */
    readonly forget: (called: Called) => Promise<void>
  }
  readonly events: Events
}

/** Zeebe checks once a second which leases have ended. */
const EACH_MS = 500
/** The same while nothing is known to be away: other adapters may have sent jobs away. */
const IDLE_EACH_MS = 2_000
const AT_ONCE_MS = 1
/** A job that is not called back by then comes back later by itself. */
const STOP_WITHIN_MS = 5_000

export function makeJobRecalls<Called extends { readonly key: JobKey }>(parts: RecallParts<Called>): Service {
  const call = async (called: Called): Promise<void> => {
    try {
      await parts.port.extend({ jobKey: called.key, timeoutMs: AT_ONCE_MS })
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      // If the gateway is away or busy, the job comes back later by itself.
      if (error.disposition === 'gone') await parts.room.forget(called)
    }
  }
  return makeService({
    name: 'calling jobs back',
    async round() {
      // Zeebe hands out first what ended first, and the last of the list is started first.
      await severalAtATime((await parts.room.recall()).toReversed(), call)
      return parts.room.waits() ? EACH_MS : IDLE_EACH_MS
    },
    onFault: (fault) => parts.events.emit('fault', fault),
    firstAfterMs: EACH_MS,
    stopWithinMs: STOP_WITHIN_MS,
  })
}
