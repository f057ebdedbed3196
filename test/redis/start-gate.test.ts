// While Redis is away, a start waits for it.
import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import type { ProcessParts } from '../../workers/role.ts'
import { untilRedisIsFit } from '../../workers/start-gate.ts'

it('waits for a Redis that is away for long without gathering listeners, and ends when it is stopped', async () => {
  const redis = Object.assign(new EventEmitter(), { status: 'reconnecting' })
  let waits = 0
  redis.on('newListener', (event) => {
    if (event === 'ready') waits += 1
  })
  const stop = new AbortController()
  const fit = untilRedisIsFit({ redis } as unknown as ProcessParts, stop.signal)
  await expect.poll(() => waits, { timeout: 30_000 }).toBeGreaterThan(3)
  expect(redis.listenerCount('ready')).toBeLessThanOrEqual(1)
  expect(redis.listenerCount('error')).toBeLessThanOrEqual(1)
  stop.abort()
  expect(await fit).toBe(false)
})
