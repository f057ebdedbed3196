// Starts and stops the roles of a process together.
import { closeRedis } from '../src/redis/connect.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { Events } from '../src/telemetry/events.ts'
import { pause, waitAtMost } from '../src/time/bounded-wait.ts'
import type { ProcessParts, Role } from './role.ts'

const START_AGAIN_MS = 2_000

/** Starts every role, with retries. False if starting was given up. */
export async function startAll(
  roles: readonly Role[],
  events: Events,
  stopping: AbortSignal,
): Promise<boolean> {
  const start = async (role: Role): Promise<void> => {
    while (!stopping.aborted) {
      try {
        return await role.start()
      } catch (error) {
        if (!stopping.aborted) events.emit('fault', { where: 'starting, trying again', error })
        await pause(START_AGAIN_MS, stopping)
      }
    }
  }
  await Promise.all(roles.map(start))
  return !stopping.aborted
}

/** Most time that a stop may take beyond the grace period. */
const PATIENCE_AFTER_GRACE_MS = 2_000
/** Time for roles to stop taking new work; only exceeded if Redis does not answer. */
const QUIESCE_MS = 2_000

/**
 * Stops every role; takes little longer than `graceMs`, whatever is away. In this order: no new work is taken and no call begins; running
 * calls end, or are cut and go back to their lanes; answers are reported; connections close.
 */
export async function stopRoles(roles: readonly Role[], parts: ProcessParts, graceMs: number): Promise<void> {
  const agreements = parts.agreements.map((service) => service.stop())
  const stopping = Promise.all([...agreements, stopInOrder(roles, parts, graceMs)])
  await waitAtMost(graceMs + PATIENCE_AFTER_GRACE_MS, stopping)
  parts.disconnect()
}

async function stopInOrder(roles: readonly Role[], parts: ProcessParts, graceMs: number): Promise<void> {
  const { redis, events, settings } = parts
  const deadline = Date.now() + graceMs
  const stop = async (name: Settings['roles'][number]): Promise<void> => {
    await roles[settings.roles.indexOf(name)]
      ?.stop(Math.max(0, deadline - Date.now()))
      .catch((error: unknown) => events.emit('fault', { where: `stopping ${name}`, error }))
  }
  await waitAtMost(QUIESCE_MS, Promise.allSettled(roles.map((role) => role.quiesce())))
  // Workers first, so that an adapter in the same process still reports their last answers.
  await stop('bedrock')
  // No call is left whose answer Redis could still take, so commands that wait for a Redis that is away are rejected now.
  if (redis.status !== 'ready') parts.disconnect()
  await stop('adapter')
  await stop('ops')
  await closeRedis(redis)
}
