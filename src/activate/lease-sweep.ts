// Keeps the Zeebe jobs ours that wait in Redis or run, by extending their leases before they end; and learns that way
// which of them Zeebe does not know any more. One loop over a sorted set, no timer per job. Every adapter sweeps; a
// lease is claimed before it is extended, so that they share the work. The leases of a partition that takes no commands are
// tried again later; those of others are not held up.
import { type CommandQueues, makeCommandQueues } from '../camunda/command-queues.ts'
import { type CommandEnd, commandEnd, type DestinationHealth } from '../camunda/destination-health.ts'
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import { type JobKey, partitionOf } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { pause, waitAtMost } from '../time/bounded-wait.ts'
import { leaseInterval, sweepPause, triedAgainAfter } from './lease-interval.ts'

export interface LeaseSweepParts {
  readonly port: Pick<JobPort, 'extend'>
  /** Of the partitions, for extensions. */
  readonly health: DestinationHealth
  readonly leases: {
    claim(most: number, againMs: number): Promise<readonly JobKey[]>
    postpone(keys: readonly JobKey[], inMs: number): Promise<void>
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
/** Of all partitions; 32 of one. */
const MOST_UNDER_WAY = 43
/** Leases of a partition that wait here: those of one that is slower are not waited for. */
const MOST_WAITING = 200
const CROWDED_MS = 20
/** An extension that a partition does not answer does not keep the process from its end. */
const STOP_WITHIN_MS = 1_000

export function makeLeaseSweep(parts: LeaseSweepParts): LeaseSweep {
  const { health, leases, leaseMs, events, random } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  const fault = (error: unknown): void => {
    if (!signal.aborted) events.emit('fault', { where: 'extending leases', error })
  }
  /** Leases that are left to be claimed again: where that fails, they are due after their interval. */
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
    ...{ health, work, random, places: MOST_UNDER_WAY },
    now: performance.now.bind(performance),
  })
  /** @returns whether leases may be due still, none is, or Redis is in trouble. */
  const round = async (): Promise<'more' | 'none' | 'trouble'> => {
    try {
      const due = await leases.claim(MOST_OF_A_SHARD, leaseInterval(leaseMs, await parts.held()))
      const later = [...takeStuck(), ...due.filter((key) => !take(key))]
      if (later.length > 0) await postpone(later)
      while (queues.crowded() && !signal.aborted) await pause(CROWDED_MS, signal)
      return due.length >= MOST_OF_A_SHARD ? 'more' : 'none'
    } catch (error) {
      fault(error)
      return 'trouble'
    }
  }
  /** One lease may wait for a partition that takes nothing now: it is the probe. */
  const take = (key: JobKey): boolean => {
    const partition = partitionOf(key)
    const most = health.closedFor(partition) > 0 ? 1 : MOST_WAITING
    if (signal.aborted || queues.waiting(partition) >= most) return false
    queues.add(partition, key)
    return true
  }
  /** Those that wait for a partition that takes nothing, but for the probe. */
  const takeStuck = (): JobKey[] =>
    queues
      .destinations()
      .filter((to) => health.closedFor(to) > 0)
      .flatMap((to) => {
        const [probe, ...others] = queues.take(to)
        if (probe !== undefined) queues.add(to, probe)
        return others
      })
  const run = async (): Promise<void> => {
    let troubles = 0
    while (!signal.aborted) {
      const met = await round()
      troubles = met === 'trouble' ? troubles + 1 : 0
      if (met !== 'more') await pause(sweepPause(leaseMs, troubles, random), signal)
    }
  }
  let loop: Promise<void> = Promise.resolve()
  return {
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      const waiting = queues.empty()
      if (waiting.length > 0) await postpone(waiting)
      await waitAtMost(STOP_WITHIN_MS, Promise.all([loop, queues.ended()]))
    },
  }
}

/** @returns what the answer says of the partition, and whether the lease is to be tried again. */
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
    // Its lease ran out, or somebody failed it. If Zeebe hands it out again, it is adopted.
    else events.emit('leaseLost', { jobKey, message, status })
    return { end: commandEnd(error), again }
  }
}
