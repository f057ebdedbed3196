// Extends the leases of the Zeebe jobs that wait in Redis or run, before they end, and so learns which jobs Zeebe no longer has. One loop
// over a sorted set, no timer per job. Every adapter sweeps: a lease is claimed before it is extended, so that they share the work. The
// leases of a partition that takes no commands are retried later, without delaying the others.
import { type CommandQueues, makeCommandQueues } from '../camunda/command-queues.ts'
import { type CommandEnd, commandEnd, type DestinationHealth } from '../camunda/destination-health.ts'
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import { type JobKey, partitionOf } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { pause, waitAtMost } from '../time/bounded-wait.ts'
import { makeService, type Service } from '../time/service.ts'
import { leaseInterval, sweepPause, triedAgainAfter } from './lease-interval.ts'

export interface LeaseSweepParts {
  readonly port: Pick<JobPort, 'extend'>
  /** Health of the partitions, as extensions show it. */
  readonly health: DestinationHealth
  readonly leases: {
    /** Whether there are any at all. */
    any(): Promise<boolean>
    claim(most: number, againMs: number): Promise<readonly JobKey[]>
    postpone(keys: readonly JobKey[], inMs: number): Promise<void>
  }
  /** Whether a job is where its record says. One that is not is let go, so that Zeebe hands it out again. */
  readonly present: (key: JobKey) => Promise<boolean>
  /** Ends whatever waits or runs for a job that Zeebe no longer has. */
  readonly withdraw: (key: JobKey) => Promise<void>
  /** Jobs that wait or run, over all adapters. */
  readonly held: () => Promise<number>
  readonly leaseMs: number
  readonly events: Events
  readonly random: () => number
}

const NAME = 'extending leases'
/** Leases claimed from each of the 16 shards in one sweep. */
const MOST_OF_A_SHARD = 20
/** Extensions under way over all partitions; 32 for one of them. */
const MOST_UNDER_WAY = 43
/** Leases of one partition that queue here: the sweep does not wait for a slow partition. */
const MOST_WAITING = 200
const CROWDED_MS = 20
/** An unanswered extension must not delay the end of the process. */
const STOP_WITHIN_MS = 1_000

/** On stop it leaves the leases to other adapters. */
export function makeLeaseSweep(parts: LeaseSweepParts): Service {
  const { health, leases, leaseMs, events, random } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  const fault = (error: unknown): void => {
    if (!signal.aborted) events.emit('fault', { where: NAME, error })
  }
  /** Leaves leases to a later claim. If that fails, they are due again after their interval. */
  const postpone = (keys: readonly JobKey[]): Promise<void> =>
    leases.postpone(keys, signal.aborted ? 0 : triedAgainAfter(leaseMs)).catch(fault)
  const work = async (jobKey: JobKey): Promise<CommandEnd> => {
    try {
      const { end, again } = await extend(parts, jobKey)
      if (again) await postpone([jobKey])
      return end
    } catch (error) {
      fault(error)
      await postpone([jobKey])
      return { kind: 'alone' }
    }
  }
  const queues: CommandQueues<JobKey> = makeCommandQueues({
    health,
    work,
    random,
    places: MOST_UNDER_WAY,
    now: performance.now.bind(performance),
  })
  const sweep = makeService({
    name: NAME,
    async round() {
      const due = await claim(parts)
      const later = [...takeStuck(), ...due.filter((key) => !take(key))]
      if (later.length > 0) await postpone(later)
      while (queues.crowded() && !signal.aborted) await pause(CROWDED_MS, signal)
      // More may be due.
      return due.length >= MOST_OF_A_SHARD ? 0 : sweepPause(leaseMs, 0, random)
    },
    onFault: (fault) => events.emit('fault', fault),
    afterFaultMs: (faults) => sweepPause(leaseMs, faults, random),
    stopWithinMs: STOP_WITHIN_MS,
  })
  /** Queues an extension. For a closed partition only one is kept, as a probe. */
  const take = (key: JobKey): boolean => {
    const partition = partitionOf(key)
    const most = health.closedFor(partition) > 0 ? 1 : MOST_WAITING
    if (signal.aborted || queues.waiting(partition) >= most) return false
    queues.add(partition, key)
    return true
  }
  /** Takes the extensions of closed partitions out of the queues, except one probe each. */
  const takeStuck = (): JobKey[] =>
    queues
      .destinations()
      .filter((to) => health.closedFor(to) > 0)
      .flatMap((to) => {
        const [probe, ...others] = queues.take(to)
        if (probe !== undefined) queues.add(to, probe)
        return others
      })
  const end = async (): Promise<void> => {
    const waiting = queues.empty()
    if (waiting.length > 0) await postpone(waiting)
    await queues.ended()
  }
  return {
    ...sweep,
    async stop() {
      stopping.abort()
      await Promise.all([sweep.stop(), waitAtMost(STOP_WITHIN_MS, end())])
    },
  }
}

/** Asks for no more than whether there are leases while there are none. */
async function claim({ leases, leaseMs, held }: LeaseSweepParts): Promise<readonly JobKey[]> {
  if (!(await leases.any())) return []
  return leases.claim(MOST_OF_A_SHARD, leaseInterval(leaseMs, await held()))
}

/** @returns what the answer says of the partition, and whether to retry the lease. */
async function extend(
  parts: LeaseSweepParts,
  jobKey: JobKey,
): Promise<{ readonly end: CommandEnd; readonly again: boolean }> {
  const { port, leaseMs, events, withdraw, present } = parts
  if (!(await present(jobKey))) return { end: { kind: 'alone' }, again: false }
  try {
    await port.extend({ jobKey, timeoutMs: leaseMs })
    events.emit('leaseExtended', { jobKey })
    return { end: commandEnd(null), again: false }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { disposition, message, status } = error
    const again = disposition === 'later' || disposition === 'aborted'
    if (disposition === 'gone') await withdraw(jobKey)
    else if (again) events.emit('leaseDelayed', { jobKey, message, status })
    // The lease ran out, or somebody failed the job. If Zeebe hands it out again, it is adopted.
    else events.emit('leaseLost', { jobKey, message, status })
    return { end: commandEnd(error), again }
  }
}
