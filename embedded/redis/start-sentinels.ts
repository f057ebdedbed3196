// Starts a master, a replica of it and three Sentinels on loopback: for tests of a failover.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { onFreePort } from '../free-port.ts'
import { makeOwnFolder } from '../own-folder.ts'
import type { StartOptions } from '../part.ts'
import { keepRedis, type RedisSource } from './find-redis.ts'
import { type RedisProcess, startRedisProcess, VOLATILE } from './redis-process.ts'

export interface WatchedRedis {
  /** `host:port` of each Sentinel. */
  readonly sentinels: readonly string[]
  /** Their name of the master. */
  readonly master: string
  /** Kills the first master at once. */
  killMaster(): void
  /** Port of the master as the Sentinels know it now. */
  masterPort(): Promise<number>
  /** Ends all of it and waits for the end. Idempotent. */
  stop(): Promise<void>
}

const MASTER = 'quarry-test'
const SENTINELS = 3
const QUORUM = 2
const DOWN_AFTER_MS = 1_000
const PATIENCE_MS = 20_000

/** @throws Error when one does not start, or the Sentinels do not see the replica. */
export async function startWatchedRedis(source: RedisSource, options: StartOptions): Promise<WatchedRedis> {
  const { env, progress, signal } = options
  const program = await keepRedis(source, { env, progress, signal })
  const folder = await makeOwnFolder('quarry-sentinels-')
  const started: RedisProcess[] = []
  /** Each in a folder of its own: a replica writes there what its master sends. */
  const start = async (args: readonly string[]): Promise<RedisProcess> => {
    const own = join(folder.path, String(started.length))
    await mkdir(own)
    const place = { program, folder: own }
    const process = await onFreePort((port) => startRedisProcess({ ...place, port, args, env, signal }))
    started.push(process)
    return process
  }
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(({ child }) => child.stop()))
    await folder.remove()
  }
  try {
    const master = await start(VOLATILE)
    await start([...VOLATILE, '--replicaof', '127.0.0.1', String(master.port)])
    const ports: number[] = []
    for (let index = 0; index < SENTINELS; index += 1) {
      const file = join(folder.path, `sentinel-${index}.conf`)
      await writeFile(file, sentinelFile(master.port))
      const { port } = await start([file, '--sentinel'])
      ports.push(port)
    }
    await untilWatched(ports)
    return {
      sentinels: ports.map((each) => `127.0.0.1:${each}`),
      master: MASTER,
      killMaster: () => master.child.kill(),
      masterPort: () => masterPort(ports),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Its own port comes by the command line: another is tried where that is taken. */
function sentinelFile(masterPort: number): string {
  return `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} ${QUORUM}
sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}
sentinel failover-timeout ${MASTER} 5000
`
}

async function masterPort(sentinels: readonly number[]): Promise<number> {
  const sentinel = new Redis({ port: sentinels[0] ?? 0, host: '127.0.0.1' })
  try {
    const [, port] = (await sentinel.call('SENTINEL', 'get-master-addr-by-name', MASTER)) as string[]
    return Number(port)
  } finally {
    sentinel.disconnect()
  }
}

/** A failover takes Sentinels that know the replica and one another. */
async function untilWatched(sentinels: readonly number[]): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  for (const port of sentinels) {
    const sentinel = new Redis({ port, host: '127.0.0.1' })
    try {
      for (;;) {
        const flat = (await sentinel.call('SENTINEL', 'master', MASTER)) as string[]
        const field = (name: string) => flat[flat.indexOf(name) + 1]
        if (field('num-slaves') === '1' && field('num-other-sentinels') === String(SENTINELS - 1)) break
        if (performance.now() > until)
          throw new Error('The Sentinels did not find the replica or one another.')
        await sleep(50)
      }
    } finally {
      sentinel.disconnect()
    }
  }
}
