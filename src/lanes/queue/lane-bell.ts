// How a worker that finds nothing in a lane waits: until the lane's bell rings, or until a time. BullMQ's own way is a connection to
// Redis for each lane and worker, blocked by a command that is sent anew every few seconds.
import { type BackendFactory, createRedisBackend, type RedisQueueBackend } from 'bullmq'
import { pause } from '../../time/bounded-wait.ts'

/** Rung when a lane may have jobs for a worker of this process. */
export interface LaneBell {
  ring(): void
  /**
   * Resolves at the next ring, at once if it rang since the last wait ended, or after `ms`. After a ring that nothing came of it is
   * a second at the most: adapters of earlier versions ring before they add a job.
   */
  wait(ms: number): Promise<void>
}

const SOON_MS = 1_000

export function makeLaneBell(): LaneBell {
  let bell = new AbortController()
  let rang = false
  return {
    ring: () => bell.abort(),
    async wait(ms) {
      await pause(rang ? Math.min(ms, SOON_MS) : ms, bell.signal)
      rang = bell.signal.aborted
      bell = new AbortController()
    },
  }
}

/** Nothing that BullMQ waits for takes longer than this, s: the bell rings, or the next delayed job is due. */
const LONGEST_WAIT_SECONDS = 3_600

/** BullMQ's own access to Redis, but for how it waits. It takes no connection besides the one that is shared. */
export function waitingBy(bell: LaneBell): BackendFactory<RedisQueueBackend> {
  return (name, options) => {
    const backend = createRedisBackend(name, options)
    return Object.defineProperties(backend, {
      maximumBlockTimeout: { value: LONGEST_WAIT_SECONDS },
      /** Nothing is said of when the next job is due: BullMQ looks then. */
      waitForJob: {
        async value(seconds: number): Promise<null> {
          await bell.wait(seconds * 1_000)
          return null
        },
      },
      disconnectBlocking: { value: async () => bell.ring() },
      reconnectBlocking: { value: async () => undefined },
    })
  }
}
