// The parts of a process that read and write payloads, and that know which other processes can read them.
import { type KeyGaps, makeKeyGaps } from '../src/payload/key-gaps.ts'
import type { PayloadRole } from '../src/payload/key-holders.ts'
import { makeKeyRegister } from '../src/payload/key-register.ts'
import { makePayloadCodec, type PayloadCodec } from '../src/payload/payload-codec.ts'
import type { RedisClient } from '../src/redis/connect.ts'
import type { Keys } from '../src/redis/keys.ts'
import { describePlace, type RedisTarget } from '../src/redis/redis-target.ts'
import type { Settings } from '../src/settings/settings.ts'
import type { DependencyCheck } from '../src/telemetry/dependency-watch.ts'
import type { Events } from '../src/telemetry/events.ts'
import { countRefused } from '../src/telemetry/refused-payloads.ts'
import { makePayloadKeyRing } from './payload-keys.ts'

export function payloadParts({
  settings,
  redis,
  keys,
  name,
  events,
}: {
  readonly settings: Settings
  readonly redis: RedisClient
  readonly keys: Keys
  readonly name: string
  readonly events: Events
}) {
  const ring = makePayloadKeyRing(settings)
  const codec = makePayloadCodec(ring.keys, {
    installation: settings.redis.prefix,
    plaintext: settings.payloadPlaintext,
    oldFormat: settings.payloadOldFormat,
    onOld: (form) => events.emit('payloadOld', { form }),
  })
  const refused = countRefused(events)
  const keyRegister = makeKeyRegister({
    redis,
    keys,
    said: () => ({
      name,
      roles: settings.roles.filter((role): role is PayloadRole => role !== 'ops'),
      regions: settings.regions ?? null,
      keys: codec.keyIds,
      lacks: gaps.lacking(),
      refuses: refused(),
      strict: codec.encrypts && settings.payloadPlaintext === 'refuse',
    }),
  })
  const gaps = makeKeyGaps({
    self: name,
    holders: keyRegister.list,
    keyless: () => !codec.encrypts,
    refresh() {
      ring.refresh()
      return codec.keyIds
    },
  })
  return {
    codec,
    refused,
    keyGaps: gaps,
    keyServices: [keyRegister, gaps],
  }
}

/** Whether this process can read the payloads in Redis. */
export function payloadCheck({
  redisTarget,
  keyGaps,
  codec,
}: {
  readonly redisTarget: RedisTarget
  readonly keyGaps: KeyGaps
  readonly codec: PayloadCodec
}): DependencyCheck {
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
