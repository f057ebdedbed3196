// What the embedded Redis finds on disk and leaves there, which later runs on the machine would find.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PortTakenError } from '../../embedded/free-port.ts'
import type { RedisPart } from '../../embedded/part.ts'
import { keepRedis } from '../../embedded/redis/find-redis.ts'
import { startRedisProcess, VOLATILE } from '../../embedded/redis/redis-process.ts'
import { startRedisCluster } from '../../embedded/redis/start-cluster.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { startWatchedRedis } from '../../embedded/redis/start-sentinels.ts'
import { until } from './quarry-process.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

/** Where temporary files lie while a test runs. */
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-embedded-redis-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder ?? '', { recursive: true, force: true })
})

/** Runs something on the keys of a server of ours. */
async function withKeys<T>({ url }: Pick<RedisPart, 'url'>, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url)
  return use(redis).finally(() => redis.disconnect())
}

describe('an embedded Redis', () => {
  it('starts empty, even with a dump among the temporary files', async () => {
    const source = await redisSource()
    const writer = await startEmbeddedRedis(source, { ...QUIETLY, args: ['--dir', folder] })
    await withKeys(writer, async (redis) => {
      await redis.set('left', 'behind')
      await redis.save()
    })
    await writer.stop()
    expect(await readdir(folder)).toEqual(['dump.rdb'])
    const reader = await startEmbeddedRedis(source, QUIETLY)
    expect(await withKeys(reader, (redis) => redis.dbsize())).toBe(0)
    await reader.stop()
    expect(await readdir(folder)).toEqual(['dump.rdb'])
  })

  it('leaves no process or file behind, as single server, Cluster, and pair with Sentinels', async () => {
    const source = await redisSource()
    const [one, cluster, watched] = await Promise.all([
      startEmbeddedRedis(source, QUIETLY),
      startRedisCluster(source, QUIETLY),
      startWatchedRedis(source, QUIETLY),
    ])
    // A replica has what its master sent it on disk.
    await withKeys({ url: `redis://127.0.0.1:${await watched.masterPort()}` }, (redis) =>
      until('the replica is there', async () => (await redis.info('replication')).includes('state=online')),
    )
    await Promise.all([one.stop(), cluster.stop(), watched.stop()])
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves no process behind when the process that started it is killed', async () => {
    const start = new URL('../../embedded/redis/start-redis.ts', import.meta.url).href
    const script = `
      import { startEmbeddedRedis } from '${start}'
      import { findRedis } from '${new URL('../../embedded/redis/find-redis.ts', import.meta.url).href}'
      import { silentProgress } from '${new URL('../../embedded/progress.ts', import.meta.url).href}'
      const options = { env: process.env, progress: silentProgress }
      const { url } = await startEmbeddedRedis(await findRedis(process.env), options)
      console.log(url)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(await readdir(folder)).toHaveLength(1)
    child.kill('SIGKILL')
    await until('its folder is gone', async () => (await readdir(folder)).length === 0)
  })

  it('reports a taken port, even one taken by a Redis, so that another is tried', async () => {
    const source = await redisSource()
    const program = await keepRedis(source, { ...QUIETLY, signal: undefined })
    const other = await startEmbeddedRedis(source, QUIETLY)
    const silent: Server = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const ports = [Number(new URL(other.url).port), typeof address === 'object' ? (address?.port ?? 0) : 0]
    const startOn = (port: number) =>
      startRedisProcess({ program, port, folder, args: VOLATILE, env: process.env })
    await Promise.all(ports.map((port) => expect(startOn(port)).rejects.toThrow(PortTakenError)))
    silent.close()
    await other.stop()
  })
})
