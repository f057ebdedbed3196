// One redis-server process on loopback: started with its arguments, awaited until it answers, and never outliving us.
import { Redis } from 'ioredis'
import { type Child, startChild } from '../child-process.ts'

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
  /** After the program's name; what binds it to its port is among them. */
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
}

/** @throws Error with the end of its output when it does not start, the signal's reason when aborted. */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const { program, port, args, env, signal } = options
  const child = startChild('/bin/sh', ['-c', ENDS_WITH_STDIN, 'sh', program, ...args], {
    env,
    ownGroup: true,
  })
  try {
    await waitForPing(port, child, signal)
  } catch (error) {
    await child.stop()
    signal?.throwIfAborted()
    throw new Error(`Redis did not start: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
  return { port, child }
}

async function waitForPing(port: number, child: Child, signal: AbortSignal | undefined): Promise<void> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 20 })
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
