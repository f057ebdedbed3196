// What a process asks of Redis while there is no work: on a Redis and a gateway of its own, in all roles.
import { expect, it } from 'vitest'
import { startRedis } from '../../embedded/parts.ts'
import { laneName } from '../../src/job/lane.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { onFakeGateway } from './on-fake-gateway.ts'
import { until } from './quarry-process.ts'
import { QUIETLY } from './redis-parts.ts'

const on = onFakeGateway()
const LANES = 200
const WINDOW_MS = 6_000
/** In a window, those within scripts included. One process takes about 18 a second; 20 s after it has met the lanes. */
const MOST = 150

it('with 200 lanes and no job, a process sends a few commands a second, however many services it has', async () => {
  const server = await startRedis(QUIETLY)
  on.stops.push(() => server.stop())
  const redis = connectRedis({ target: redisAt(server.url), name: 'test', onError: () => undefined })
  on.stops.push(() => closeRedis(redis))
  const keys = makeKeys('idle')
  const usedAtMs = Date.now() - 60_000
  for (let index = 0; index < LANES; index += 1) {
    const lane = laneName({ account: 'default', region: 'eu-west-1', model: `m-${index}` })
    await redis.zadd(keys.lanes, usedAtMs, lane)
  }
  const { quarry } = await on.start({ REDIS_URL: server.url, QUARRY_REDIS_PREFIX: keys.prefix })
  await until('it is ready', async () => quarry.ready())
  await until('a window has few commands', async () => {
    await redis.config('RESETSTAT')
    await new Promise((resolve) => setTimeout(resolve, WINDOW_MS))
    const calls = [...(await redis.info('commandstats')).matchAll(/:calls=(\d+)/g)]
    return calls.reduce((sum, [, count]) => sum + Number(count), 0) <= MOST
  })
  expect(await redis.zcard(keys.lanes)).toBe(LANES)
})
