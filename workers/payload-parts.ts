// What reads and writes payloads in a process, and knows which others can.
import type { PayloadRole } from '../src/job/key-holders.ts'
import { makePayloadCodec } from '../src/job/payload-codec.ts'
import { makeKeyGaps } from '../src/redis/key-gaps.ts'
import { makeKeyRegister } from '../src/redis/key-register.ts'
import { makePayloadKeyRing } from './payload-keys.ts'
import type { ProcessParts } from './role.ts'

export function payloadParts({
  settings,
  redis,
  keys,
  name,
}: Pick<ProcessParts, 'settings' | 'redis' | 'keys' | 'name'>): Pick<ProcessParts, 'codec' | 'keyGaps'> {
  const ring = makePayloadKeyRing(settings)
  const codec = makePayloadCodec(ring.keys)
  const keyRegister = makeKeyRegister({
    ...{ redis, keys },
    said: () => ({
      name,
      roles: settings.roles.filter((role): role is PayloadRole => role !== 'ops'),
      regions: settings.regions ?? null,
      keys: codec.keyIds,
      lacks: gaps.lacking(),
    }),
  })
  const gaps = makeKeyGaps({
    self: name,
    holders: keyRegister.list,
    refresh() {
      ring.refresh()
      return codec.keyIds
    },
  })
  return {
    codec,
    keyGaps: {
      ...gaps,
      start() {
        keyRegister.start()
        gaps.start()
      },
      async stop() {
        await gaps.stop()
        await keyRegister.stop()
      },
    },
  }
}
