// Held jobs that are in no lane and run nowhere: an adapter died before it could add them, or Redis lost a part of its data. One adapter
// at a time looks for them.
import type { JobKey, LaneName } from '../job/ids.ts'
import { queuedJobId } from '../job/queued-job.ts'
import type { RedisClient } from '../redis/connect.ts'
import { makeDuty } from '../redis/duty.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { type Ask, together } from '../redis/together.ts'
import { holdsAny } from './is-empty.ts'
import type { Leased } from './lease-store.ts'
import type { WorkerRuns } from './worker-pulse.ts'

export interface StrayJob extends Leased {
  readonly key: JobKey
  /** Name of its latest start; '' before the first. */
  readonly start: string
  /** Time of that start, ms by the clock of Redis. */
  readonly startedAt: number
}

export interface StrayLook {
  /** Whether this process has to look now. */
  onDuty(): Promise<boolean>
  /** Jobs that are nowhere at this moment, including jobs on their way into a lane. */
  find(): Promise<readonly StrayJob[]>
}

export interface StrayLookParts {
  readonly redis: RedisClient
  readonly keys: Keys
  /** Unique name of this process. */
  readonly name: string
  readonly runs: WorkerRuns
}

/** Jobs of each shard in one command. */
const PAGE = 250

export function makeStrayLook({ redis, keys, name, runs }: StrayLookParts): StrayLook {
  const script = loadScripts(redis, import.meta.url, { 'held-page': 2 })
  const page = async (shards: readonly number[], offset: number): Promise<readonly Row[][]> => {
    const asked = shards.map(
      (shard) => (on: object) =>
        script('held-page', on)(keys.held(shard), keys.leases(shard), keys.jobsOf(shard), offset, PAGE),
    )
    return (await together(redis, asked)) as Row[][]
  }
  const stray = async (job: StrayJob): Promise<boolean> => {
    if (job.state === 'queued') return true
    const worker = job.start.slice(0, job.start.lastIndexOf('#'))
    return worker !== '' && !(await runs(worker, queuedJobId(job.key, job.epoch), job.startedAt))
  }
  return {
    onDuty: makeDuty(redis, keys.strayDuty, name).isMine,
    async find() {
      if (!(await holdsAny(redis, keys))) return []
      const found: StrayJob[] = []
      let shards = SHARD_NUMBERS
      for (let offset = 0; shards.length > 0; offset += PAGE) {
        const pages = await page(shards, offset)
        const held = pages.flat().flatMap(readRow)
        for (const job of await missing({ redis, keys }, held)) if (await stray(job)) found.push(job)
        shards = shards.filter((_, index) => pages[index]?.length === PAGE)
      }
      return found
    },
  }
}

type Row = [
  JobKey,
  state: string,
  epoch: string,
  LaneName,
  start: string,
  processId: string,
  trace: string,
  started: string,
]

function readRow([key, state, epoch, lane, start, processId, trace, started]: Row): readonly StrayJob[] {
  if (state !== 'queued' && state !== 'running') return []
  return [{ key, state, epoch: Number(epoch), lane, start, startedAt: Number(started), processId, trace }]
}

/** Jobs missing from their lanes: one command per lane, and one per job only in lanes where some are missing. */
async function missing(
  { redis, keys }: Pick<StrayLookParts, 'redis' | 'keys'>,
  jobs: readonly StrayJob[],
): Promise<readonly StrayJob[]> {
  const queued = ({ lane, key, epoch }: StrayJob) => keys.queued(lane, queuedJobId(key, epoch))
  const lanes = [...Map.groupBy(jobs, ({ lane }) => lane).values()]
  const counts = await together(
    redis,
    lanes.map(
      (ofLane): Ask =>
        (on) =>
          on.exists(...ofLane.map(queued)),
    ),
  )
  const suspects = lanes.filter((ofLane, index) => counts[index] !== ofLane.length).flat()
  const there = await together(
    redis,
    suspects.map(
      (job): Ask =>
        (on) =>
          on.exists(queued(job)),
    ),
  )
  return suspects.filter((_, index) => there[index] === 0)
}
