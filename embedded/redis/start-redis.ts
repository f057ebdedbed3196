// Starts a redis-server on a free port of loopback, without Docker. It keeps nothing on disk and refuses writes
// rather than evict keys, as BullMQ needs.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { Redis } from 'ioredis'
import { type Child, startChild } from '../child-process.ts'
import type { RedisPart, StartOptions } from '../part.ts'
import { keepRedis, type RedisSource } from './find-redis.ts'

const START_TIMEOUT_MS = 15_000

/**
 * Runs a program that ends when this process does, however that ends: a watcher waits for the end of stdin, which
 * the kernel closes with us, and ends it. The program itself cannot be asked to watch its stdin.
 */
const ENDS_WITH_STDIN =
  'exec 3<&0; (while read -r _ <&3; do :; done; kill $$) >/dev/null 2>&1 & exec "$@" 3<&-'

/**
 * Starts Redis; a redis-server that is not there is downloaded at first (12 MB).
 * @param options `args` are added to redis-server's own, and win.
 * @throws Error with the end of its output when it does not start.
 */
export async function startEmbeddedRedis(
  source: RedisSource,
  options: StartOptions & { args?: readonly string[] },
): Promise<RedisPart> {
  const { env, progress, signal, args = [] } = options
  const program = await keepRedis(source, { env, progress, signal })
  progress.step('starting Redis …')
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', tmpdir()]
  const volatile = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']
  const command = [program, ...settings, ...volatile, ...args]
  const child = startChild('/bin/sh', ['-c', ENDS_WITH_STDIN, 'sh', ...command], { env, ownGroup: true })
  const url = `redis://127.0.0.1:${port}`
  try {
    await waitForPing(url, child, signal)
  } catch (error) {
    await child.stop()
    signal?.throwIfAborted()
    throw new Error(`Redis did not start: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  progress.done(`Redis started on 127.0.0.1:${port}`)
  return { origin: 'embedded', url, stop: () => child.stop() }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port was found on 127.0.0.1.')
  return address.port
}

async function waitForPing(url: string, child: Child, signal: AbortSignal | undefined): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  // Refused connections are what waiting is about.
  redis.on('error', () => {})
  const answered = new AbortController()
  const either = AbortSignal.any(signal === undefined ? [answered.signal] : [answered.signal, signal])
  const givenUp = child.line(() => undefined, { timeoutMs: START_TIMEOUT_MS, signal: either })
  try {
    await Promise.race([redis.ping(), givenUp])
  } finally {
    answered.abort()
    redis.disconnect()
  }
}
