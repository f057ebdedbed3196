// Keeps the Zeebe jobs ours that wait in Redis or run, by extending their leases before they end; and learns that way
// which of them Zeebe does not know any more. One loop over a sorted set, no timer per job. Every adapter sweeps; a
// lease is claimed before it is extended, so that they share the work.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { pause } from '../time/bounded-wait.ts'
import { leaseInterval, sweepPause, triedAgainAfter } from './lease-interval.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface LeaseSweepParts {
  readonly port: Pick<JobPort, 'extend'>
  readonly leases: {
    claim(most: number, againMs: number): Promise<readonly JobKey[]>
    postpone(key: JobKey, inMs: number): Promise<void>
  }
  /** Whether a job is where it should be; one that is not is let go, so that Zeebe hands it out again. */
  readonly present: (key: JobKey) => Promise<boolean>
  /** Ends what waits or runs of a job that Zeebe does not know any more. */
  readonly withdraw: (key: JobKey) => Promise<void>
  /** Jobs that wait or run, of all adapters. */
  readonly held: () => Promise<number>
  readonly leaseMs: number
  readonly events: Events
  readonly random: () => number
}

export interface LeaseSweep {
  start(): void
  /** Leaves the leases to other adapters. Idempotent. */
  stop(): Promise<void>
}

/** Of each of the 16 shards in one round. */
const MOST_OF_A_SHARD = 20

export function makeLeaseSweep(parts: LeaseSweepParts): LeaseSweep {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const run = async (): Promise<void> => {
    let troubles = 0
    while (!stopping.signal.aborted) {
      const round = await sweep(parts, stopping.signal)
      troubles = round === 'trouble' ? troubles + 1 : 0
      if (round !== 'more') await pause(sweepPause(parts.leaseMs, troubles, parts.random), stopping.signal)
    }
  }
  return {
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }
}

/** @returns whether leases may be due still, none is, or there was trouble with Zeebe or Redis. */
async function sweep(parts: LeaseSweepParts, stopping: AbortSignal): Promise<'more' | 'none' | 'trouble'> {
  try {
    const due = await parts.leases.claim(MOST_OF_A_SHARD, leaseInterval(parts.leaseMs, await parts.held()))
    let trouble = false
    await severalAtATime(due, async (key) => {
      // Once Zeebe pushes back, the rest of the round is not tried, so that it can catch up.
      if (!trouble && !stopping.aborted && (await extend(parts, key))) return
      trouble = true
      await parts.leases.postpone(key, triedAgainAfter(parts.leaseMs))
    })
    if (trouble) return 'trouble'
    return due.length >= MOST_OF_A_SHARD ? 'more' : 'none'
  } catch (error) {
    if (!stopping.aborted) parts.events.emit('fault', { where: 'extending leases', error })
    return 'trouble'
  }
}

/** @returns false when the gateway is away or busy. */
async function extend(parts: LeaseSweepParts, jobKey: JobKey): Promise<boolean> {
  const { port, leaseMs, events, withdraw, present } = parts
  if (!(await present(jobKey))) return true
  try {
    await port.extend({ jobKey, timeoutMs: leaseMs })
    events.emit('leaseExtended', { jobKey })
    return true
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { disposition, message, status } = error
    if (disposition === 'gone') await withdraw(jobKey)
    else if (disposition === 'later' || disposition === 'aborted') {
      events.emit('leaseDelayed', { jobKey, message, status })
      return false
    }
    // Its lease ran out, or somebody failed it. If Zeebe hands it out again, it is adopted.
    else events.emit('leaseLost', { jobKey, message, status })
    return true
  }
}
