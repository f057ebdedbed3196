// How the roles of a process begin and end together.
import { setTimeout as sleep } from 'node:timers/promises'
import { closeRedis } from '../src/redis/connect.ts'
import type { Events } from '../src/telemetry/events.ts'
import type { ProcessParts, Role } from './role.ts'

const START_AGAIN_MS = 2_000

/** Starts every role, again and again where that fails. False when it was given up. */
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
        await sleep(START_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined)
      }
    }
  }
  await Promise.all(roles.map(start))
  return !stopping.aborted
}

/** What waits for a Redis that is away would wait for ever: some time after the grace period it is left. */
const PATIENCE_AFTER_GRACE_MS = 2_000

/** Stops every role; takes little longer than `graceMs`, whatever is away. */
export async function stopRoles(roles: readonly Role[], parts: ProcessParts, graceMs: number): Promise<void> {
  const ended = new AbortController()
  const late = sleep(graceMs + PATIENCE_AFTER_GRACE_MS, undefined, { signal: ended.signal }).catch(
    () => undefined,
  )
  await Promise.race([stopInOrder(roles, parts, graceMs), late])
  ended.abort()
  parts.disconnect()
}

/** How long roles may take to take nothing new; longer only where Redis does not answer. */
const QUIESCE_MS = 2_000
/** How long a role without running calls may take to stop when Redis is away: it may not come back. */
const WITHOUT_REDIS_MS = 3_000

async function stopInOrder(roles: readonly Role[], parts: ProcessParts, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs
  const left = () => Math.max(0, deadline - Date.now())
  await Promise.race([Promise.allSettled(roles.map((role) => role.quiesce())), sleep(QUIESCE_MS)])
  // Workers first, so that what they still answer is reported by an adapter in the same process.
  for (const name of ['bedrock', 'adapter', 'ops'] as const) {
    const role = roles[parts.settings.roles.indexOf(name)]
    await role
      ?.stop(
        name === 'bedrock' || parts.redis.status === 'ready' ? left() : Math.min(left(), WITHOUT_REDIS_MS),
      )
      .catch((error: unknown) => parts.events.emit('fault', { where: `stopping ${name}`, error }))
  }
  await closeRedis(parts.redis)
}
