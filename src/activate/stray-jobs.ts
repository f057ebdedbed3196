// Calls back strays: jobs that Quarry holds, and that are in no lane and on no worker. They would wait until their lease ends. Zeebe
// hands them out at once, and the adapter that gets one adopts it, with its epoch and waiting time, and puts it in front.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey, LaneName } from '../job/ids.ts'
import type { Events } from '../telemetry/events.ts'
import { makeService, type Service } from '../time/service.ts'
import { severalAtATime } from './several-at-a-time.ts'

/** A job that was found in no lane and on no worker. */
export interface SeenNowhere {
  readonly key: JobKey
  readonly epoch: number
  /** Name of its latest start. */
  readonly start: string
  readonly lane: LaneName
  readonly processId: string
}

export interface StraySweepParts<Stray extends SeenNowhere> {
  readonly port: Pick<JobPort, 'extend'>
  readonly look: {
    onDuty(): Promise<boolean>
    find(): Promise<readonly Stray[]>
  }
  /** Ends what is held of a job that Zeebe no longer has. */
  readonly withdraw: (key: JobKey) => Promise<void>
  /** Called for each job that was called back. */
  readonly onCalled: (stray: Stray) => void
  readonly events: Events
}

const EVERY_MS = 2_000
/**
 * A stray is called back when it was nowhere for this long. A job on its way into its lane is nowhere for a moment, longer where an adapter
 * is busy; a worker says every 5 s what it runs.
 */
const NOWHERE_MS = 10_000
/** Not sooner, since adapters with a full backlog may not take it at once. */
const CALLED_AGAIN_MS = 60_000
const AT_ONCE_MS = 1

export function makeStraySweep<Stray extends SeenNowhere>(parts: StraySweepParts<Stray>): Service {
  const { look, events } = parts
  let seen: Sightings = new Map()
  return makeService({
    name: 'looking for jobs in no lane',
    async round() {
      if (await look.onDuty()) {
        const judged = judgeStrays(seen, await look.find(), performance.now())
        seen = judged.seen
        await severalAtATime(judged.strays, (stray) => callBack(parts, stray))
      } else seen = new Map()
      return EVERY_MS
    },
    onFault: (fault) => events.emit('fault', fault),
  })
}

/** By key, epoch and start: when the job was first seen nowhere, or may be called back again; ms. */
export type Sightings = ReadonlyMap<string, number>

/** Which of the jobs found nowhere have been so for long enough, and what to remember of all of them. Pure. */
export function judgeStrays<Stray extends SeenNowhere>(
  seen: Sightings,
  found: readonly Stray[],
  nowMs: number,
): { readonly strays: readonly Stray[]; readonly seen: Sightings } {
  const next = new Map<string, number>()
  const strays: Stray[] = []
  for (const stray of found) {
    const name = `${stray.key} ${stray.epoch} ${stray.start}`
    const sinceMs = seen.get(name) ?? nowMs
    const isDue = nowMs - sinceMs >= NOWHERE_MS
    if (isDue) strays.push(stray)
    next.set(name, isDue ? nowMs + CALLED_AGAIN_MS - NOWHERE_MS : sinceMs)
  }
  return { strays, seen: next }
}

async function callBack<Stray extends SeenNowhere>(
  { port, withdraw, onCalled }: StraySweepParts<Stray>,
  stray: Stray,
): Promise<void> {
  try {
    await port.extend({ jobKey: stray.key, timeoutMs: AT_ONCE_MS })
    onCalled(stray)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // If the gateway is away or busy, the job is called back again, or its lease ends. Nobody may have it by then.
    if (error.disposition === 'gone') await withdraw(stray.key)
  }
}
