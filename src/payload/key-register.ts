// Each process writes the ids of its payload keys every few seconds, never a key: for processes that lack one, and for `quarry doctor`.

import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { together } from '../redis/together.ts'
import { makeService, type Service } from '../time/service.ts'
import type { KeyHolder } from './key-holders.ts'

export interface KeyRegister extends Service {
  /** The entries of all running processes, up to a second old. */
  list(): Promise<readonly KeyHolder[]>
}

interface KeyRegisterParts {
  readonly redis: RedisClient
  readonly keys: Keys
  /** The current entry of this process. */
  readonly said: () => KeyHolder
}

const EVERY_MS = 5_000
const LIVES_MS = 20_000
/** A process silent for this long is left out, whatever its clock. */
const FORGOTTEN_MS = 3_600_000
const KNOWN_FOR_MS = 1_000
const LEAVE_WITHIN_MS = 500

export function makeKeyRegister({ redis, keys, said }: KeyRegisterParts): KeyRegister {
  let known: { readonly at: number; readonly holders: Promise<readonly KeyHolder[]> } | undefined
  const say = async (): Promise<number> => {
    const holder = said()
    const now = Date.now()
    await redis.set(keys.keyHolder(holder.name), JSON.stringify(holder), 'PX', LIVES_MS)
    await redis.zadd(keys.keyHolders, now, holder.name)
    await redis.zremrangebyscore(keys.keyHolders, '-inf', now - FORGOTTEN_MS)
    await redis.pexpire(keys.keyHolders, FORGOTTEN_MS)
    return EVERY_MS
  }
  const leave = async (): Promise<void> => {
    const { name } = said()
    await redis.del(keys.keyHolder(name))
    await redis.zrem(keys.keyHolders, name)
  }
  const service = makeService({
    name: 'telling others which payload keys it has',
    round: say,
    leave,
    // Other commands report that Redis is unreachable or refuses; until then others know less.
    onFault: () => undefined,
    stopWithinMs: LEAVE_WITHIN_MS,
  })
  return {
    ...service,
    list() {
      if (known === undefined || performance.now() - known.at > KNOWN_FOR_MS)
        known = { at: performance.now(), holders: readKeyHolders(redis, keys) }
      return known.holders
    },
  }
}

/** The entries of processes that wrote lately. */
export async function readKeyHolders(redis: RedisClient, keys: Keys): Promise<readonly KeyHolder[]> {
  const names = await redis.zrange(keys.keyHolders, '0', '-1')
  const said = await together(
    redis,
    names.map((name) => (on) => on.get(keys.keyHolder(name))),
  )
  return said.flatMap((text) => (typeof text === 'string' ? [JSON.parse(text) as KeyHolder] : []))
}
