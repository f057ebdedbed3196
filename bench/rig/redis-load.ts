// The commands that a Redis gets during some work: those of clients, and those that scripts run.
import { Redis } from 'ioredis'

export interface RedisLoad {
  /** Commands of clients by name, those of the watch itself left out. */
  readonly commands: ReadonlyMap<string, number>
  /** All commands, those of scripts included. */
  readonly scripted: number
}

/** Counts while `work` runs, by MONITOR, which slows Redis down: not for measurements of speed. */
export async function watchRedisLoad(url: string, work: () => Promise<unknown>): Promise<RedisLoad> {
  const redis = new Redis(url)
  const monitor = await redis.monitor()
  const commands = new Map<string, number>()
  let scripted = 0
  monitor.on('monitor', (_time: string, [name = '']: readonly string[], source: string) => {
    const key = name.toLowerCase()
    if (source === 'lua') scripted += 1
    else commands.set(key, (commands.get(key) ?? 0) + 1)
  })
  try {
    await work()
  } finally {
    monitor.disconnect()
    redis.disconnect()
  }
  return { commands, scripted }
}

/** Redis memory of the data alone, without connections and the server itself. */
export async function datasetBytes(url: string): Promise<number> {
  const redis = new Redis(url)
  const memory = await redis.info('memory').finally(() => redis.disconnect())
  return Number(/used_memory_dataset:(\d+)/.exec(memory)?.[1])
}
