// What the bedrock role does for its lanes besides executing their jobs. Wiring only.
import { makeOutageWatch, type OutageWatch } from '../src/control/outage-watch.ts'
import { makeExpirySweep } from '../src/execute/expire-waiting.ts'
import type { LaneName } from '../src/job/ids.ts'
import type { LaneQueues } from '../src/lanes/queue/lane-queues.ts'
import type { LaneWorkers } from '../src/lanes/queue/lane-workers.ts'
import { makeReclaim } from '../src/lanes/queue/reclaim-jobs.ts'
import { readOutages } from '../src/lanes/read-outages.ts'
import { servesRegions } from '../src/lanes/served-lanes.ts'
import { closeRedis } from '../src/redis/connect.ts'
import { makeDuty } from '../src/redis/duty.ts'
import type { Service, ServiceFault } from '../src/time/service.ts'
import type { Execution } from './execution.ts'
import type { ProcessParts } from './role.ts'
import type { Running } from './services.ts'

export function makeHearing(
  { settings, keys, registry, leases, connect }: ProcessParts,
  lanes: LaneWorkers,
  withdraw: Execution['withdraw'],
): Running {
  const listening = connect(servesRegions(keys.prefix, settings.regions))
  return {
    name: 'listening for lanes with jobs, and for jobs that Zeebe no longer has',
    async start() {
      await registry.subscribe(listening, lanes)
      await leases.subscribe(listening, withdraw)
    },
    stop: () => closeRedis(listening),
  }
}

export function expiryService(
  { store, codec, events, tracing, redis, keys, name, settings: { maxWaitMs, leaseMs } }: ProcessParts,
  lanes: LaneQueues,
  overdue: Execution['overdue'],
): Service {
  const duty = makeDuty(redis, keys.expiryDuty, name)
  return makeExpirySweep({ store, codec, events, tracing, lanes, duty, maxWaitMs, leaseMs, overdue })
}

export function outageWatch({ events, redis, keys, store }: ProcessParts): OutageWatch {
  const read = (names: readonly LaneName[]) => readOutages(redis, keys, names)
  return makeOutageWatch({ events, read, holdsAny: store.holdsAny })
}

export function reclaimService(
  { redis, keys, registry, store, name, events }: ProcessParts,
  queues: LaneQueues,
): Service {
  const onFault = (fault: ServiceFault) => events.emit('fault', fault)
  return makeReclaim({ redis, keys, registry, holdsAny: store.holdsAny, queues, name, onFault })
}
