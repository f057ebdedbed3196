// Calls jobs back that went back to Zeebe for a while, the oldest first, once their lane has room, by ending their lease. Otherwise they
// would stay away until it ends by itself, and newer jobs would take their place.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface RecallParts<Called extends { readonly key: JobKey }> {
  /** The jobs that have room now. Each is given once. */
  /** The jobs that have room now. Each is told once. */
  /** Zeebe no longer has the job. */
  /** Zeebe does not know a job any more. */
  readonly forget: (called: Called) => Promise<void>
  readonly events: Events
}
/** Zeebe checks once a second which leases have ended. */
/** Zeebe looks once a second for leases that have ended. */
const EACH_MS = 500
/** A job that is not called back by then comes back later by itself. */
/** One that is not called back in that time comes by itself, later. */
const STOP_WITHIN_MS = 5_000

export function makeJobRecalls<Called extends { readonly key: JobKey }>(parts: RecallParts<Called>): Service {
  const call = async (called: Called): Promise<void> => {
    try {
      await parts.port.extend({ jobKey: called.key, timeoutMs: AT_ONCE_MS })
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      // If the gateway is away or busy, the job comes back later by itself.
      if (error.disposition === 'gone') await parts.forget(called)
    }
  }
  return makeService({
    name: 'calling jobs back',
    async round() {
      // The last in the list is started first, and Zeebe hands out first what ended first.
      await severalAtATime((await parts.recall()).toReversed(), call)
      return EACH_MS
    },
    onFault: (fault) => parts.events.emit('fault', fault),
    firstAfterMs: EACH_MS,
    stopWithinMs: STOP_WITHIN_MS,
  })
}
