// Jobs of workers that died go back into their lanes, once their locks have ended. One worker at a time looks for them, in all lanes:
// BullMQ's own way is that each worker asks for each of its lanes every few seconds.
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
  readonly registry: Pick<LaneRegistry, 'list' | 'wake'>
  readonly queues: Pick<LaneQueues, 'reclaim'>
  /** Name of this process, unique. */
  readonly name: string
  readonly onFault: ServiceParts['onFault']
}

const EVERY_MS = 5_000

export function makeReclaim({ redis, keys, registry, queues, name, onFault }: ReclaimParts): Service {
  const isOnDuty = makeDuty(redis, keys.reclaimDuty, name)
  /** Lanes of which a worker has jobs: in others there is nothing to look for. */
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
      if (!(await isOnDuty())) return EVERY_MS
      for (const lane of await worked()) {
        if ((await queues.reclaim(lane)).length > 0) await registry.wake(lane)
      }
      return EVERY_MS
    },
    onFault,
  })
}
