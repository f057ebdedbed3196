// The lanes as an operator sees them. Read from Redis by one process (ops), so that figures are exact over pods.
import { Queue } from 'bullmq'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import type { LaneRegistry } from '../redis/lane-registry.ts'

/** Jobs of a lane by where they are. */
export interface LaneDepth extends Lane {
  readonly name: LaneName
  /** For their turn. */
  readonly waiting: number
  /** After a throttle or a transient error, until they are due. */
  readonly delayed: number
  /** With a worker. */
  readonly active: number
}

export interface LaneReader {
  depths(): Promise<readonly LaneDepth[]>
  close(): Promise<void>
}

export function makeLaneReader(
  redis: RedisClient,
  keys: Keys,
  registry: LaneRegistry,
  onError: (error: Error) => void,
): LaneReader {
  const queues = new Map<LaneName, Queue>()
  const queueOf = (name: LaneName): Queue => {
    const known = queues.get(name)
    if (known !== undefined) return known
    const queue = new Queue(keys.queue(name), {
      connection: redis,
      prefix: keys.prefix,
      skipMetasUpdate: true,
    })
    queue.on('error', onError)
    queues.set(name, queue)
    return queue
  }
  return {
    async depths() {
      const lanes = await registry.list()
      return Promise.all(
        lanes.map(async ({ name }) => {
          const counts = await queueOf(name).getJobCounts('waiting', 'prioritized', 'delayed', 'active')
          const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts
          return { ...parseLaneName(name), name, waiting: waiting + prioritized, delayed, active }
        }),
      )
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    },
  }
}
