// The ops role: what all processes share, as metrics. It holds neither Zeebe's credentials nor AWS's.
// Place for what comes: the dashboard page and control.
import { makeLaneReader } from '../src/control/lanes.ts'
import { addSharedGauges } from '../src/control/shared-gauges.ts'
import { type ProcessParts, type Role, redisCheck } from './role.ts'

export function makeOps(parts: ProcessParts): Role {
  const { redis, keys, registry, store, events, metrics } = parts
  const onError = (error: Error) => events.emit('fault', { where: 'reading lanes', error })
  const lanes = makeLaneReader(redis, keys, registry, onError)
  return {
    needs: [redisCheck(parts)],
    async start() {
      addSharedGauges(metrics, { lanes, backlog: store.backlog, available: () => redis.status === 'ready' })
    },
    quiesce: async () => undefined,
    stop: () => lanes.close(),
  }
}
