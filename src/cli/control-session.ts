// What the commands that look at lanes and steer them share: the settings, a connection to Redis, and an end to waiting
// for it. Nothing else of a running Quarry is needed.
import { once } from 'node:events'
import { hostname, userInfo } from 'node:os'
import { laneRules } from '../../workers/lane-rules.ts'
import { redisTarget } from '../../workers/redis.ts'
import { type LaneControl, makeLaneControl } from '../control/lane-control.ts'
import { knownLanes, type LaneOverview, readLanes } from '../control/lane-overview.ts'
import { type LaneQueueHandles, makeLaneQueueHandles } from '../control/lane-queue-handles.ts'
import type { LaneName } from '../job/ids.ts'
import { makeAuditLog } from '../redis/audit-log.ts'
import { closeRedis, connectRedis, type RedisClient } from '../redis/connect.ts'
import { makeKeys } from '../redis/keys.ts'
import { makeLaneRegistry } from '../redis/lane-registry.ts'
import { makePaceStore } from '../redis/pace-store.ts'
import { describePlace } from '../redis/redis-target.ts'
import { makeWishStore } from '../redis/wish-store.ts'
import type { Settings } from '../settings/settings.ts'
import { makeEvents } from '../telemetry/events.ts'
import type { Flags } from './parse-flags.ts'
import { readSettings } from './read-settings.ts'

export interface ControlSession {
  readonly control: LaneControl
  lanes(): Promise<readonly LaneName[]>
  overview(): Promise<readonly LaneOverview[]>
}

const CONNECT_MS = 5_000
const LONGEST_MS = 30_000

/**
 * Does `work` on the Redis of the settings.
 * @throws Error when Redis does not answer in time.
 */
export async function withLanes<T>(
  command: string,
  flags: Flags,
  work: (session: ControlSession) => Promise<T>,
): Promise<T> {
  const { settings } = await readSettings(command, flags)
  const target = redisTarget(settings)
  let lastError = 'no answer'
  const redis = connectRedis({
    target,
    name: `quarry-${command}`,
    onError: (error) => {
      lastError = error.message || lastError
    },
  })
  const away = (): Error =>
    new Error(
      `Redis does not answer at ${describePlace(target.place)} (${lastError}). Set REDIS_URL, or what else of docs/settings.md names your Redis, as for \`quarry start\`.`,
    )
  const queues = makeLaneQueueHandles(redis, makeKeys(settings.redis.prefix), () => undefined)
  const timer = setTimeout(() => redis.disconnect(), LONGEST_MS)
  try {
    if (redis.status !== 'ready') {
      await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => {
        throw away()
      })
    }
    return await work(makeSession(settings, redis, queues))
  } catch (error) {
    throw redis.status === 'ready' ? error : away()
  } finally {
    clearTimeout(timer)
    await queues.close()
    await closeRedis(redis)
  }
}

function makeSession(settings: Settings, redis: RedisClient, queues: LaneQueueHandles): ControlSession {
  const keys = makeKeys(settings.redis.prefix)
  const events = makeEvents()
  const registry = makeLaneRegistry(redis, keys)
  const wishes = makeWishStore(redis, keys)
  const audit = makeAuditLog(redis, keys)
  const pace = makePaceStore(redis, keys, operator())
  const { quotaOf } = laneRules(settings, events)
  return {
    control: makeLaneControl({ queues, wishes, audit, events, by: operator() }),
    lanes: () => knownLanes({ registry, wishes }),
    overview: () => readLanes({ registry, wishes, queues, quotaOf, pace }),
  }
}

/** Who runs this command, for the audit log. A container may run it by a number that has no name. */
function operator(): string {
  let user = process.getuid === undefined ? 'unknown' : `uid-${process.getuid()}`
  try {
    user = userInfo().username
  } catch {
    // The number stands.
  }
  return `${user}@${hostname()}`
}
