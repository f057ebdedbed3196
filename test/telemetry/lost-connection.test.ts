// What only says that Redis is out of reach is no fault of ours.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { isLostConnection } from '../../src/telemetry/redis-trouble.ts'

/** The error of a client whose server does this. */
async function errorOf(server: 'closed' | 'silent' | 'absent'): Promise<unknown> {
  const listening = createServer((socket) => {
    if (server === 'closed') socket.destroy()
  })
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as { port: number }
  if (server === 'absent') listening.close()
  const options = { socketTimeout: 50, enableReadyCheck: false, retryStrategy: () => null }
  const redis = new Redis({ host: '127.0.0.1', port, lazyConnect: true, ...options })
  onTestFinished(() => {
    redis.disconnect()
    listening.close()
  })
  const told = once(redis, 'error').then(([error]) => error as unknown)
  const asked = redis.ping().catch((error: unknown) => error)
  return server === 'closed' ? asked : told
}

it.each(['closed', 'silent', 'absent'] as const)('a connection that is %s is lost', async (server) => {
  expect(isLostConnection(await errorOf(server))).toBe(true)
})

it.each([new TypeError('x is not a function'), new Error('WRONGTYPE Operation'), 'closed'])(
  '%s is a fault',
  (error) => {
    expect(isLostConnection(error)).toBe(false)
  },
)
