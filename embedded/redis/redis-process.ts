// One redis-server process on loopback: started with its arguments, awaited until it answers, and never outliving us.
import { Redis } from 'ioredis'
import { type Child, startChild } from '../child-process.ts'
import { PortTakenError } from '../free-port.ts'

const START_TIMEOUT_MS = 15_000

/**
 * Runs a program that ends when this process does, however that ends: a watcher waits for the end of stdin, which
 * the kernel closes with us, and ends it. The program itself cannot be asked to watch its stdin.
 */
const ENDS_WITH_STDIN =
  'exec 3<&0; (while read -r _ <&3; do :; done; kill $$) >/dev/null 2>&1 & exec "$@" 3<&-'

export interface RedisProcess {
  readonly port: number
  readonly child: Child
}

export interface RedisProcessOptions {
  readonly program: string
  readonly port: number
  /** Where it finds and leaves its files: nobody else's may lie there. */
  readonly folder: string
  /** Further arguments, which win; a configuration file comes first. */
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
}

/** Arguments of a server that keeps nothing on disk and refuses writes rather than evict keys, as BullMQ needs. */
export const VOLATILE = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']

/**
 * @throws PortTakenError when the port, or one that Redis makes from it, is another's; Error with the end of its output
 * when it does not start, the signal's reason when aborted.
 */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const { program, port, folder, args, env, signal } = options
  const [first = ''] = args
  const file = first === '' || first.startsWith('--') ? [] : [first]
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const all = [...file, ...place, ...args.slice(file.length)]
  const child = startChild('/bin/sh', ['-c', ENDS_WITH_STDIN, 'sh', program, ...all], { env, ownGroup: true })
  try {
    await untilAnswering(port, child, signal)
  } catch (error) {
    await child.stop()
    signal?.throwIfAborted()
    const what = `Redis did not start: ${error instanceof Error ? error.message : error}`
    const failure = /address already in use/i.test(child.tail()) ? PortTakenError : Error
    throw new failure(what, { cause: error })
  }
  return { port, child }
}

async function untilAnswering(port: number, child: Child, signal: AbortSignal | undefined): Promise<void> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 20 })
  // Refused connections are what waiting is about.
  redis.on('error', () => {})
  const answered = new AbortController()
  const either = AbortSignal.any(signal === undefined ? [answered.signal] : [answered.signal, signal])
  const givenUp = child.line(() => undefined, { timeoutMs: START_TIMEOUT_MS, signal: either })
  try {
    await Promise.race([givenUp, untilItIs(redis, child)])
  } finally {
    answered.abort()
    redis.disconnect()
  }
}

/** Another Redis may have the port: it answers while ours ends. */
async function untilItIs(redis: Redis, child: Child): Promise<void> {
  const info = await redis.info('server').catch(() => '')
  if (info.includes(`process_id:${child.pid}\r\n`)) return
  await child.ended
  throw new Error('Another program answered on its port.')
}
