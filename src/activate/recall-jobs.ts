// Jobs that went back to Zeebe for a while are called back, the oldest first, once their lane has room: the lease that was
// left to them is ended. Without it they would be away until then, and newer ones would take their place.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface RecallParts<Called extends { readonly key: JobKey }> {
  readonly port: Pick<JobPort, 'extend'>
  /** The jobs that have room now. Each is told once. */
  readonly recall: () => Promise<readonly Called[]>
  /** Zeebe does not know a job any more. */
  readonly forget: (called: Called) => Promise<void>
  readonly events: Events
}

/** Zeebe looks once a second for leases that have ended. */
const EACH_MS = 500
const AT_ONCE_MS = 1
/** One that is not called back in that time comes by itself, later. */
const STOP_WITHIN_MS = 5_000

export function makeJobRecalls<Called extends { readonly key: JobKey }>(parts: RecallParts<Called>): Service {
  const call = async (called: Called): Promise<void> => {
    try {
      await parts.port.extend({ jobKey: called.key, timeoutMs: AT_ONCE_MS })
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      // Where the gateway is away or busy, the job comes back by itself, later.
      if (error.disposition === 'gone') await parts.forget(called)
    }
  }
  return makeService({
    name: 'calling jobs back',
    async round() {
      // The last of the list is begun first: Zeebe hands out again what ended first.
      await severalAtATime((await parts.recall()).toReversed(), call)
      return EACH_MS
    },
    onFault: (fault) => parts.events.emit('fault', fault),
    firstAfterMs: EACH_MS,
    stopWithinMs: STOP_WITHIN_MS,
  })
}
