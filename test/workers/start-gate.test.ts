import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { untilRedisIsFit } from '../../workers/start-gate.ts'

type Parts = Parameters<typeof untilRedisIsFit>[0]

/** Longer than three looks. */
const A_WHILE_MS = 1_700

/** A silent Redis: it neither answers nor refuses. */
function silentRedis() {
  return Object.assign(new EventEmitter(), { status: 'connecting' })
}

it('waiting for Redis at start leaves no listeners behind', async () => {
  const redis = silentRedis()
  const parts = { redis, inspector: { inspect: async () => ({}) } } as unknown as Parts
  const fit = untilRedisIsFit(parts, new AbortController().signal)
  await sleep(A_WHILE_MS)
  expect(redis.listenerCount('ready')).toBe(1)
  expect(redis.listenerCount('error')).toBe(1)
  redis.status = 'ready'
  redis.emit('ready')
  expect(await fit).toBe(true)
  expect(redis.eventNames()).toEqual([])
})

it('waiting for Redis at start ends at once on a stop', async () => {
  const redis = silentRedis()
  const stopping = new AbortController()
  const fit = untilRedisIsFit({ redis, inspector: {} } as unknown as Parts, stopping.signal)
  stopping.abort()
  expect(await fit).toBe(false)
})
