// Starts a redis-server on a free port of loopback, without Docker, in its own folder.
import { onFreePort } from '../free-port.ts'
import { makeOwnFolder } from '../own-folder.ts'
import type { RedisPart, StartOptions } from '../part.ts'
import { keepRedis, type RedisSource } from './find-redis.ts'
import { startRedisProcess, VOLATILE } from './redis-process.ts'

/**
 * Starts Redis; downloads a missing redis-server first (12 MB).
 * @param options `args` are added to redis-server's own, and win; of the port that it tries, where they are made.
 * @throws Error with the end of its output when it does not start.
 */
export async function startEmbeddedRedis(
  source: RedisSource,
  options: StartOptions & { args?: readonly string[] | ((port: number) => readonly string[]) },
): Promise<RedisPart> {
  const { env, progress, signal, args = [] } = options
  const program = await keepRedis(source, { env, progress, signal })
  progress.step('starting Redis …')
  const folder = await makeOwnFolder('quarry-redis-')
  try {
    const { port, child } = await onFreePort((each) => {
      const own = typeof args === 'function' ? args(each) : args
      const place = { program, port: each, folder: folder.path }
      return startRedisProcess({ ...place, args: [...VOLATILE, ...own], env, signal })
    })
    progress.done(`Redis started on 127.0.0.1:${port}`)
    return {
      origin: 'embedded',
      url: `redis://127.0.0.1:${port}`,
      async stop() {
        await child.stop()
        await folder.remove()
      },
    }
  } catch (error) {
    await folder.remove()
    throw error
  }
}
