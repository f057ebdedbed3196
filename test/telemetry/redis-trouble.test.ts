// What Redis refuses by its own state, in its words, is no fault of ours.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { isLostConnection, isOfRedis, isRefusedByRedis } from '../../src/telemetry/redis-trouble.ts'

function reply(message: string): Error {
  const error = new Error(message)
  error.name = 'ReplyError'
  return error
}

it.each([
  "OOM command not allowed when used memory > 'maxmemory'.",
  "ERR Error running script (call to f_a): @user_script:12: @user_script: 12: -OOM command not allowed when used memory > 'maxmemory'.",
  "OOM command not allowed when used memory > 'maxmemory'. script: f_a, on @user_script:12.",
  "READONLY You can't write against a read only replica.",
  'ERR Error running script (call to f_a): @user_script:3: @user_script: 3: -READONLY You can’t write.',
  'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  'LOADING Redis is loading the dataset in memory',
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN The cluster is down',
  'BUSY Redis is busy running a script.',
])('%s', (message) => {
  expect(isRefusedByRedis(reply(message))).toBe(true)
  expect(isOfRedis(reply(message))).toBe(true)
})

it.each([
  reply('WRONGTYPE Operation against a key holding the wrong kind of value'),
  reply('BUSYGROUP Consumer Group name already exists'),
  new Error('OOM of another kind'),
])('%s is not trouble with Redis', (error) => {
  expect(isRefusedByRedis(error)).toBe(false)
})

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
