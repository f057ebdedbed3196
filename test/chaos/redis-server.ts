// A redis-server of a scenario's own, on a port that it keeps: killed with SIGKILL and started again, with its data
// or without.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { silentProgress } from '../../embedded/progress.ts'
import { findRedis, keepRedis } from '../../embedded/redis/find-redis.ts'

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

/** Ends the program when this process ends, however it does. */
const ENDS_WITH_STDIN =
  'exec 3<&0; (while read -r _ <&3; do :; done; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&-'

/**
 * Starts it.
 * @throws Error when there is no redis-server and none can be fetched.
 */
export async function startRedisServer(options: { readonly appendOnly: boolean }): Promise<RedisServer> {
  const source = await findRedis(process.env)
  if (typeof source === 'string') throw new Error(`Chaos needs a redis-server process: ${source}.`)
  const program = await keepRedis(source, { env: process.env, progress: silentProgress, signal: undefined })
  const folder = await mkdtemp(join(tmpdir(), 'quarry-chaos-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  args.push('--appendonly', options.appendOnly ? 'yes' : 'no', '--maxmemory-policy', 'noeviction')
  let child: ChildProcess | null = null
  const start = async (): Promise<void> => {
    child = spawn('/bin/sh', ['-c', ENDS_WITH_STDIN, 'sh', program, ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    await untilAnswering(url, child)
  }
  const kill = async (): Promise<void> => {
    const dying = child
    child = null
    if (dying === null) return
    const ended = once(dying, 'exit')
    dying.kill('SIGKILL')
    await ended
    dying.stdin?.destroy()
  }
  await start()
  return {
    url,
    kill,
    start,
    forget: () => rm(join(folder, 'appendonly.aof'), { force: true }),
    async flushAll() {
      const redis = new Redis(url)
      await redis.flushall()
      redis.disconnect()
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  // Refused connections are what waiting is about.
  redis.on('error', () => {})
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`The redis-server of ${url} ended.`)))
  try {
    await Promise.race([redis.ping(), ended])
  } finally {
    ended.catch(() => undefined)
    redis.disconnect()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
