// Whether this process can read the payloads in Redis.
import { describePlace } from '../src/redis/redis-target.ts'
import type { DependencyCheck } from '../src/telemetry/dependency-watch.ts'
import type { ProcessParts } from './role.ts'

export function payloadCheck({ redisTarget, keyGaps, codec }: ProcessParts): DependencyCheck {
  return {
    name: 'payloads',
    address: describePlace(redisTarget.place),
    async ask() {
      const trouble = keyGaps.trouble()
      if (trouble !== null) throw Object.assign(new Error(trouble), { answers: true })
      const [first] = codec.keyIds
      return first === undefined ? 'readable' : `encrypted with key ${first}`
    },
  }
}
