// A redis-server of a scenario's own, on a port that it keeps: killed with SIGKILL and started again, with its data
// or without.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { onFreePort, PortTakenError } from '../../embedded/free-port.ts'
import { makeOwnFolder } from '../../embedded/own-folder.ts'
import { silentProgress } from '../../embedded/progress.ts'
import { findRedis, keepRedis } from '../../embedded/redis/find-redis.ts'
import { type RedisProcess, startRedisProcess } from '../../embedded/redis/redis-process.ts'

export interface RedisServer {
  readonly url: string
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what its disk has. */
  start(): Promise<void>
  /** Removes what its disk has. */
  forget(): Promise<void>
  flushAll(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How long whoever took its port while it was down may keep it. */
const PATIENCE_MS = 20_000

/**
 * Starts it.
 * @throws Error when there is no redis-server and none can be fetched.
 */
export async function startRedisServer(options: { readonly appendOnly: boolean }): Promise<RedisServer> {
  const source = await findRedis(process.env)
  if (typeof source === 'string') throw new Error(`Chaos needs a redis-server process: ${source}.`)
  const program = await keepRedis(source, { env: process.env, progress: silentProgress, signal: undefined })
  const folder = await makeOwnFolder('quarry-chaos-redis-')
  const args = ['--save', '', '--appendonly', options.appendOnly ? 'yes' : 'no']
  args.push('--maxmemory-policy', 'noeviction')
  const place = { program, folder: folder.path, args, env: process.env }
  const first = await onFreePort((port) => startRedisProcess({ ...place, port })).catch(async (error) => {
    await folder.remove()
    throw error
  })
  const { port } = first
  const url = `redis://127.0.0.1:${port}`
  let running: RedisProcess | null = first
  const kill = async (): Promise<void> => {
    const dying = running
    running = null
    dying?.child.kill()
    await dying?.child.ended
  }
  return {
    url,
    kill,
    async start() {
      running = await untilItHasItsPort(() => startRedisProcess({ ...place, port }))
    },
    forget: () => rm(join(folder.path, 'appendonly.aof'), { force: true }),
    async flushAll() {
      const redis = new Redis(url)
      await redis.flushall()
      redis.disconnect()
    },
    async stop() {
      await kill()
      await folder.remove()
    },
  }
}

async function untilItHasItsPort<T>(start: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + PATIENCE_MS; ; await sleep(100)) {
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof PortTakenError) || performance.now() > until) throw error
    }
  }
}
