// Calls back strays: jobs that Quarry holds and that are in no lane and on no worker. Left alone they would wait until their lease ends.
// Zeebe hands them out again at once; whoever gets them adopts them, with their epoch and waiting time, and puts them in front.
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
  /** Ends whatever is held for a job that Zeebe no longer has. */
  readonly withdraw: (key: JobKey) => Promise<void>
  /** Called after a job was called back. */
  readonly onCalled: (stray: Stray) => void
  readonly events: Events
}

const EVERY_MS = 2_000
/**
 * A job on its way into its lane is nowhere for a moment, longer where an adapter is busy; a worker reports every 5 s what
 * it runs. So a stray must have been nowhere for this long.
 */
const NOWHERE_MS = 10_000
/** Adapters may not take it at once, if their backlog is full. */
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

/** By job, epoch and start: when it was first seen nowhere, or may be called back again; ms. */
export type Sightings = ReadonlyMap<string, number>

/** Which of the jobs found have been nowhere for long, and what to remember of all. Pure. */
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
    // If the gateway is away or busy, the job is called again, or comes back when its lease ends.
    if (error.disposition === 'gone') await withdraw(stray.key)
  }
}
