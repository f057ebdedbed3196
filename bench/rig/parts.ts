// The parts under the benchmarks, started once: the Zeebe engine, Redis, and the Bedrock stand-in, each a process of its own.
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../../embedded/child-process.ts'
import {
  type EngineRecords,
  type Progress,
  type RedisPart,
  startEngine,
  startRedis,
} from '../../embedded/parts.ts'
import { makeStartedParts } from '../../embedded/started-parts.ts'
import type { LoggedRequest, SimSettings, SimStats } from '../../sim/sim.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** A key known to the stand-in, which verifies signatures. */
export const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIASIM', AWS_SECRET_ACCESS_KEY: 'sim' }

const START_TIMEOUT_MS = 30_000

/** The stand-in, through its control endpoints. */
export interface StandIn {
  readonly tlsUrl: string
  readonly caFile: string
  /** Zeroes counters and log, and fills the quotas. */
  reset(): Promise<void>
  configure(settings: Partial<SimSettings>): Promise<void>
  stats(): Promise<SimStats>
  /** The latest 100,000 calls, in the order of arrival. */
  requests(): Promise<LoggedRequest[]>
}

export interface Parts {
  readonly grpcAddress: string
  readonly records: EngineRecords
  readonly redis: RedisPart
  readonly standIn: StandIn
  stop(): Promise<void>
}

/** @throws Error if a part does not start, or the engine is not the embedded one. */
export async function startParts(env: NodeJS.ProcessEnv, progress: Progress): Promise<Parts> {
  const { keep, stop } = makeStartedParts()
  try {
    const engine = await keep(startEngine({ env, progress }))
    const { records } = engine
    if (records === undefined) {
      throw new Error(
        'The benchmarks read the records of the embedded engine. Unset ZEEBE_GRPC_ADDRESS and ZEEBE_ADDRESS, and provide a JDK 21 or later.',
      )
    }
    const redis = await keep(startRedis({ env, progress }))
    const standIn = await keep(startStandIn(env))
    return { grpcAddress: engine.grpcAddress, records, redis, standIn, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startStandIn(env: NodeJS.ProcessEnv): Promise<StandIn & { stop(): Promise<void> }> {
  const args = ['bin/quarry.js', 'sim', '--port', '0', '--tls-port', '0']
  const child = startChild(process.execPath, args, { env, cwd: ROOT })
  try {
    const [url, tlsUrl, caFile] = await Promise.all([
      announced(child, /^\s*HTTP\/1\.1\s+(\S+)$/),
      announced(child, /^\s*TLS, HTTP\/2\s+(\S+)$/),
      announced(child, /^\s*its certificate\s+(\S+)$/),
    ])
    return { ...makeStandIn(url), tlsUrl, caFile, stop: () => child.stop() }
  } catch (error) {
    await child.stop()
    throw new Error('The Bedrock stand-in did not start', { cause: error })
  }
}

function announced(child: Child, pattern: RegExp): Promise<string> {
  return child.line((line) => pattern.exec(line)?.[1], { timeoutMs: START_TIMEOUT_MS })
}

function makeStandIn(url: string): Omit<StandIn, 'tlsUrl' | 'caFile'> {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const request = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`${url}/__sim/${path}`, request)
    if (!response.ok) throw new Error(`The stand-in answers ${response.status}: ${await response.text()}`)
    return response.json()
  }
  return {
    async reset() {
      await ask('POST', 'reset')
    },
    async configure(settings) {
      await ask('PUT', 'settings', settings)
    },
    stats: async () => (await ask('GET', 'stats')) as SimStats,
    requests: async () => (await ask('GET', 'requests')) as LoggedRequest[],
  }
}
