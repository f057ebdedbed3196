// Puts jobs of dead workers back into their lanes, once their locks have expired. One worker at a time does it for all lanes; with
// BullMQ's own stalled check each worker would ask for each of its lanes every few seconds.
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import { makeDuty } from '../../redis/duty.ts'
import type { Keys } from '../../redis/keys.ts'
import { together } from '../../redis/together.ts'
import { makeService, type Service, type ServiceParts } from '../../time/service.ts'
import type { LaneRegistry } from '../lane-registry.ts'
import type { LaneQueues } from './lane-queues.ts'

export interface ReclaimParts {
  readonly redis: RedisClient
  readonly keys: Keys
  readonly registry: Pick<LaneRegistry, 'list'>
  /** Whether any job is held: otherwise none is with a worker. */
  readonly holdsAny: () => Promise<boolean>
  readonly queues: Pick<LaneQueues, 'reclaim'>
  /** Name of this process, unique. */
  readonly name: string
  readonly onFault: ServiceParts['onFault']
}

const EVERY_MS = 5_000
/** While no job is held, only every 60th round looks: Redis may have lost a job's record, but not its queued job. */
const FULL_ROUND_EACH = 60

export function makeReclaim(parts: ReclaimParts): Service {
  const { redis, keys, registry, holdsAny, queues, name, onFault } = parts
  const duty = makeDuty(redis, keys.reclaimDuty, name)
  let rounds = 0
  /** Lanes with active jobs: only these can have jobs to reclaim. */
  const worked = async (): Promise<readonly LaneName[]> => {
    const lanes = await registry.list()
    const active = await together(
      redis,
      lanes.map((lane) => (on) => on.llen(keys.queueKey(lane.name, 'active'))),
    )
    return lanes.filter((_, index) => Number(active[index]) > 0).map((lane) => lane.name)
  }
  return makeService({
    name: 'taking jobs back from workers that died',
    async round() {
      rounds += 1
      if (!(await duty.isMine())) return EVERY_MS
      if (rounds % FULL_ROUND_EACH !== 0 && !(await holdsAny())) return EVERY_MS
      for (const lane of await worked()) await queues.reclaim(lane)
      return EVERY_MS
    },
    onFault,
  })
}
