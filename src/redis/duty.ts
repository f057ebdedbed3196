// Work that one process at a time does for all. Whoever holds the duty renews it by asking.
import type { RedisClient } from './connect.ts'

/** When the holder has not asked for this long, another process may take the duty. */
const KEPT_MS = 10_000
/** An answer counts this long without asking Redis. Much shorter than KEPT_MS, so that the holder renews in time. */
const KNOWN_FOR_MS = 2_500
/** After {@link Duty.pass} this process does not take the duty for this long. */
const PASSED_MS = 5_000

export interface Duty {
  /** Whether this process holds the duty now; takes it if nobody does. */
  isMine(): Promise<boolean>
  /** Leaves the duty to others for a while, as when this process cannot do all of the work. */
  pass(): Promise<void>
}

/** @param name - of this process, unique. */
export function makeDuty(redis: RedisClient, key: string, name: string): Duty {
  let known = { isMine: false, untilMs: Number.NEGATIVE_INFINITY }
  const ask = async (): Promise<boolean> => {
    const holder = await redis.get(key)
    if (holder === null) return (await redis.set(key, name, 'PX', KEPT_MS, 'NX')) === 'OK'
    return holder === name && (await redis.pexpire(key, KEPT_MS)) === 1
  }
  return {
    async isMine() {
      const now = performance.now()
      if (now >= known.untilMs) known = { isMine: await ask(), untilMs: now + KNOWN_FOR_MS }
      return known.isMine
    },
    async pass() {
      known = { isMine: false, untilMs: performance.now() + PASSED_MS }
      if ((await redis.get(key)) === name) await redis.del(key)
    },
  }
}
