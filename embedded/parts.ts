// Zeebe and Redis for the demo and the tests: at an address that is given, as processes of our own, or in Docker.
// Never used in production, where both are given by address.
import { type Choice, choose } from './choose.ts'
import { findDocker } from './docker/find-docker.ts'
import { startDockerEngine } from './docker/start-engine.ts'
import { startDockerRedis } from './docker/start-redis.ts'
import type { EnginePart, RedisPart, StartOptions } from './part.ts'
import { PartUnavailableError } from './part-unavailable.ts'
import { findRedis } from './redis/find-redis.ts'
import { startEmbeddedRedis } from './redis/start-redis.ts'
import { findEngineNeeds, startEmbeddedEngine } from './zeebe/start-engine.ts'

export type { EnginePart, Origin, RedisPart, StartOptions } from './part.ts'
export { PartUnavailableError } from './part-unavailable.ts'
export { type Progress, silentProgress, terminalProgress } from './progress.ts'
export { startIncidentSearches } from './zeebe/incident-searches.ts'
export type { EngineRecord, EngineRecords } from './zeebe/records.ts'

const ZEEBE = { part: 'Zeebe', addressNames: ['ZEEBE_GRPC_ADDRESS', 'ZEEBE_ADDRESS'] }
const REDIS = { part: 'Redis', addressNames: ['REDIS_URL'] }

/**
 * Provides Zeebe: the one at `ZEEBE_GRPC_ADDRESS` or `ZEEBE_ADDRESS`, else the engine in a Java process here (a JDK
 * 21 or later, and Maven for the first time), else the engine in Docker.
 * @throws PartUnavailableError when there is no way or the start fails (with the end of the output), the signal's
 * reason when aborted.
 */
export async function startEngine(options: StartOptions): Promise<EnginePart> {
  const { env } = options
  const way = await choose({
    ...ZEEBE,
    env,
    embedded: embeddedUnlessWindows(() => findEngineNeeds(env)),
    docker: findDocker,
  })
  switch (way.origin) {
    case 'address':
      return { origin: 'address', grpcAddress: withScheme('grpc', way.address), stop: async () => {} }
    case 'embedded':
      return startEmbeddedEngine(way.needs, options).catch(explain(ZEEBE, 'Embedded', options))
    case 'docker':
      return startDockerEngine(options).catch(explain(ZEEBE, 'Docker', options))
  }
}

/**
 * Provides Redis: the one at `REDIS_URL`, else a redis-server process here (from the `PATH`, or downloaded with
 * Maven for the first time), else Redis in Docker.
 * @param options `args` are further arguments of redis-server; not used for a given address.
 * @throws PartUnavailableError when there is no way or the start fails (with the end of the output), the signal's
 * reason when aborted.
 */
export async function startRedis(options: StartOptions & { args?: readonly string[] }): Promise<RedisPart> {
  const { env } = options
  const way = await choose({
    ...REDIS,
    env,
    embedded: embeddedUnlessWindows(() => findRedis(env)),
    docker: findDocker,
  })
  switch (way.origin) {
    case 'address':
      return { origin: 'address', url: withScheme('redis', way.address), stop: async () => {} }
    case 'embedded':
      return startEmbeddedRedis(way.needs, options).catch(explain(REDIS, 'Embedded', options))
    case 'docker':
      return startDockerRedis(options).catch(explain(REDIS, 'Docker', options))
  }
}

/** Adds to a failed start the other ways to provide the part; an abort stays what it is. */
function explain(names: typeof ZEEBE, way: string, { signal }: StartOptions): (cause: unknown) => never {
  return (cause) => {
    signal?.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PartUnavailableError({ ...names, missing: [{ way, why }], cause })
  }
}

function withScheme(scheme: string, address: string): string {
  return address.includes('://') ? address : `${scheme}://${address}`
}

function embeddedUnlessWindows<E>(find: Choice<E>['embedded']): Choice<E>['embedded'] {
  return process.platform === 'win32' ? async () => 'not on Windows (in WSL it works)' : find
}
