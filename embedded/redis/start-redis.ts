// Starts a redis-server on a free port of loopback, without Docker. It keeps nothing on disk and refuses writes
// rather than evict keys, as BullMQ needs.
import { tmpdir } from 'node:os'
import type { RedisPart, StartOptions } from '../part.ts'
import { keepRedis, type RedisSource } from './find-redis.ts'
import { freePort } from './free-port.ts'
import { startRedisProcess } from './redis-process.ts'

/** Arguments of a server on loopback that keeps nothing on disk. */
export function volatileServer(port: number): string[] {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', tmpdir()]
  return [...settings, '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']
}

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
  const all = [...volatileServer(port), ...args]
  const { child } = await startRedisProcess({ program, port, args: all, env, signal })
  progress.done(`Redis started on 127.0.0.1:${port}`)
  return { origin: 'embedded', url: `redis://127.0.0.1:${port}`, stop: () => child.stop() }
}
