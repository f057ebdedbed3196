// A worker that finds no job in a lane waits until the lane's bell rings, or until a timeout. BullMQ itself would hold a blocking
// connection to Redis for each lane and worker, and send a command on it every few seconds.
import { type BackendFactory, createRedisBackend, type RedisQueueBackend } from 'bullmq'
import { pause } from '../../time/bounded-wait.ts'

/** Rung when a lane may have jobs for a worker of this process. */
export interface LaneBell {
  ring(): void
  /**
   * Resolves at the next ring, at once if it rang since the last wait ended, or after `ms`. The wait after a ring is one second at the
   * most: adapters of earlier versions ring before they add a job.
   */
  wait(ms: number): Promise<void>
}

const SOON_MS = 1_000

export function makeLaneBell(): LaneBell {
  let bell = new AbortController()
  let rang = false
  return {
    // Without a reason, each ring would create a DOMException with its stack.
    ring: () => bell.abort('rang'),
    async wait(ms) {
      await pause(rang ? Math.min(ms, SOON_MS) : ms, bell.signal)
      rang = bell.signal.aborted
      bell = new AbortController()
    },
  }
}

/** BullMQ's longest wait, s. The bell, or the next delayed job's due time, ends it earlier. */
const LONGEST_WAIT_SECONDS = 3_600

/** BullMQ's Redis backend, waiting by the bell. It opens no connection besides the shared one. */
export function waitingBy(bell: LaneBell): BackendFactory<RedisQueueBackend> {
  return (name, options) => {
    const backend = createRedisBackend(name, options)
    return Object.defineProperties(backend, {
      maximumBlockTimeout: { value: LONGEST_WAIT_SECONDS },
      /** Null makes BullMQ look for jobs. */
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
