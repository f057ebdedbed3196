// BullMQ's jobs of a lane without their data and results, which may be megabytes each and are never shown.
import { Job, type JobType, type Queue } from 'bullmq'
import type { RedisClient } from '../../redis/connect.ts'
import { together } from '../../redis/together.ts'

export interface LightJobs {
  /** Null if there is no such job. */
  job(queue: Queue, id: string): Promise<Job | null>
  /** Jobs in these states, `end` inclusive, in BullMQ's order. */
  jobs(
    queue: Queue,
    states: readonly JobType[],
    range: { readonly start: number; readonly end: number },
  ): Promise<readonly Job[]>
}

/** As BullMQ names them in the job's hash. */
const FIELDS = [
  ...['name', 'opts', 'timestamp', 'delay', 'priority', 'processedOn', 'finishedOn', 'progress'],
  ...['ats', 'atm', 'stc', 'pb', 'failedReason', 'stacktrace'],
] as const

export function makeLightJobs(redis: RedisClient): LightJobs {
  const read = async (queue: Queue, ids: readonly string[]): Promise<readonly Job[]> => {
    const asked = ids.map((id) => (on: object) => (on as RedisClient).hmget(queue.toKey(id), ...FIELDS))
    const replies = (await together(redis, asked)) as readonly (string | null)[][]
    return replies.flatMap((values, index) => jobOf(queue, ids[index] ?? '', values) ?? [])
  }
  return {
    job: async (queue, id) => (await read(queue, [id]))[0] ?? null,
    async jobs(queue, states, { start, end }) {
      return read(queue, await queue.getRanges([...states], start, end))
    },
  }
}

function jobOf(queue: Queue, id: string, values: readonly (string | null)[]): Job | null {
  const field = (name: (typeof FIELDS)[number]): string | null => values[FIELDS.indexOf(name)] ?? null
  const name = field('name')
  if (name === null) return null
  const number = (of: (typeof FIELDS)[number]): number => Number(field(of) ?? 0)
  return Job.fromJSON(
    queue,
    {
      ...{ id, name, data: '{}', returnvalue: '', opts: Job.optsFromJSON(field('opts') ?? '{}') },
      ...{ timestamp: number('timestamp'), delay: number('delay'), priority: number('priority') },
      ...{ processedOn: number('processedOn'), finishedOn: number('finishedOn') },
      progress: JSON.parse(field('progress') ?? '0'),
      ...{ attemptsStarted: number('ats'), attemptsMade: number('atm'), stalledCounter: number('stc') },
      failedReason: field('failedReason') ?? '',
      stacktrace: field('stacktrace') ?? '[]',
      ...(field('pb') === null ? {} : { processedBy: field('pb') ?? '' }),
    },
    id,
  )
}
