// What commands for lanes and jobs share: the settings and a connection to Redis. They need no running Quarry.
import { hostname, userInfo } from 'node:os'
import { laneRules } from '../../workers/lane-rules.ts'
import { payloadKeys } from '../../workers/payload-keys.ts'
import { type AuditEntry, makeAuditLog } from '../control/audit-log.ts'
import { type JobControl, makeJobControl } from '../control/job-control.ts'
import { type JobReader, makeJobReader } from '../control/job-reader.ts'
import { makeJobRecords, type StoredFailure } from '../control/job-records.ts'
import { type LaneControl, makeLaneControl } from '../control/lane-control.ts'
import { knownLanes, type LaneOverview, readLanes } from '../control/lane-overview.ts'
import { unfitRules } from '../control/unfit-rules.ts'
import type { LaneName } from '../job/ids.ts'
import type { Lane } from '../job/lane.ts'
import { makeLaneRegistry } from '../lanes/lane-registry.ts'
import { makeLaneLooks } from '../lanes/look-lanes.ts'
import { makeOverrideStore } from '../lanes/override-store.ts'
import { makeBudgetWaits } from '../lanes/queue/budget-waits.ts'
import { type LaneQueues, makeLaneQueues } from '../lanes/queue/lane-queues.ts'
import { makeRetryRequests } from '../ledger/retry-requests.ts'
import { makePayloadCodec, PayloadError } from '../payload/payload-codec.ts'
import type { RedisClient } from '../redis/connect.ts'
import { makeKeys } from '../redis/keys.ts'
import type { Settings } from '../settings/settings.ts'
import { makeEvents } from '../telemetry/events.ts'
import { readSettings, type SettingsFlags } from './read-settings.ts'
import { withRedis } from './redis-session.ts'

interface ControlSession {
  /** @param reason - for the audit log. @default none */
  control(reason?: string): LaneControl
  audit(most: number): Promise<readonly AuditEntry[]>
  readonly jobs: JobReader
  readonly jobControl: JobControl
  lanes(): Promise<readonly LaneName[]>
  overview(): Promise<readonly LaneOverview[]>
  /** Rules of the lanes file that fit none of these lanes. */
  unfit(lanes: readonly Lane[]): readonly string[]
}

/**
 * Does `work` on the Redis of the settings.
 * @throws Error when Redis does not answer in time.
 */
export async function withLanes<T>(
  command: string,
  flags: SettingsFlags,
  work: (session: ControlSession) => Promise<T>,
): Promise<T> {
  const { settings } = await readSettings(command, flags)
  return withRedis(command, settings, async (redis) => {
    const queues = makeLaneQueues(redis, makeKeys(settings.redis.prefix), () => undefined)
    try {
      return await work(makeSession(settings, redis, queues))
    } finally {
      await queues.close()
    }
  })
}

function makeSession(settings: Settings, redis: RedisClient, queues: LaneQueues): ControlSession {
  const keys = makeKeys(settings.redis.prefix)
  const events = makeEvents()
  const registry = makeLaneRegistry(redis, keys)
  const overrides = makeOverrideStore(redis, keys)
  const audit = makeAuditLog(redis, keys)
  const { quotaOf, current } = laneRules(settings, events)
  const looks = makeLaneLooks(redis, keys)
  const records = makeJobRecords(redis, keys)
  const by = operator()
  return {
    control: (reason) => makeLaneControl({ queues, overrides, audit, events, by, reason }),
    audit: audit.last,
    jobs: makeJobReader({ records, queues, looks, quotaOf, audit, openOutcome: outcomeOpener(settings) }),
    jobControl: makeJobControl({
      records,
      queues,
      audit,
      events,
      by,
      budgetWaits: makeBudgetWaits(redis, keys),
      requests: makeRetryRequests(redis, keys),
    }),
    lanes: () => knownLanes({ registry, overrides }),
    unfit: (lanes) => unfitRules(current(), lanes),
    overview: () => readLanes({ registry, overrides, quotaOf, looks }),
  }
}

/** Reads stored outcomes with the payload keys of the settings. */
function outcomeOpener(settings: Settings): (stored: StoredFailure) => string | null {
  const { payloadPlaintext: plaintext, payloadOldFormat: oldFormat, redis } = settings
  const codec = makePayloadCodec(payloadKeys(settings), { installation: redis.prefix, plaintext, oldFormat })
  return ({ id, text }) => {
    try {
      return codec.decode(text, id, 'outcome')
    } catch (error) {
      if (error instanceof PayloadError) return null
      throw error
    }
  }
}

/** Who runs this command, for the audit log. In a container the user id may have no name. */
function operator(): string {
  let user = process.getuid === undefined ? 'unknown' : `uid-${process.getuid()}`
  try {
    user = userInfo().username
  } catch {
    // The user id has no name.
  }
  return `${user}@${hostname()}`
}
