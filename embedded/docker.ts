// Zeebe and Redis in containers, for machines with a Docker daemon. Loads testcontainers only when it is used.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { EnginePart, RedisPart, StartOptions } from './part.ts'

const ENGINE_IMAGE = 'camunda/camunda:8.9.17'
const REDIS_IMAGE = 'redis:7-alpine'
const GRPC_PORT = 26500
const MANAGEMENT_PORT = 9600
const REDIS_PORT = 6379
const PROBE_TIMEOUT_MS = 3_000
const START_TIMEOUT_MS = 180_000

/** One engine on an H2 database of its own, its API open, as Camunda's compose file for developers has it. */
const ENGINE_SETTINGS = {
  CAMUNDA_DATA_SECONDARYSTORAGE_TYPE: 'rdbms',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_URL: 'jdbc:h2:mem:camunda;DB_CLOSE_DELAY=-1',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_USERNAME: 'sa',
  CAMUNDA_DATA_SECONDARYSTORAGE_RDBMS_PASSWORD: '',
  CAMUNDA_SECURITY_AUTHENTICATION_UNPROTECTEDAPI: 'true',
  CAMUNDA_SECURITY_AUTHORIZATIONS_ENABLED: 'false',
}

/** Says whether a Docker daemon answers (a client on the PATH is not enough), or why not. */
export async function findDocker(env: NodeJS.ProcessEnv): Promise<true | string> {
  const ask = promisify(execFile)('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    timeout: PROBE_TIMEOUT_MS,
  })
  return ask.then(
    () => true as const,
    (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? 'there is no docker on the PATH' : 'its daemon does not answer',
  )
}

/** Starts the engine in a container. */
export async function startDockerEngine({ progress, signal }: StartOptions): Promise<EnginePart> {
  const { GenericContainer, Wait } = await import('testcontainers')
  progress.step(`starting ${ENGINE_IMAGE} in Docker …`)
  const container = await new GenericContainer(ENGINE_IMAGE)
    .withExposedPorts(GRPC_PORT, MANAGEMENT_PORT)
    .withEnvironment(ENGINE_SETTINGS)
    .withWaitStrategy(Wait.forHttp('/actuator/health/status', MANAGEMENT_PORT))
    .withStartupTimeout(START_TIMEOUT_MS)
    .start()
  const stop = async () => void (await container.stop())
  await stopIfAborted(signal, stop)
  const grpcAddress = `grpc://${container.getHost()}:${container.getMappedPort(GRPC_PORT)}`
  progress.done(`Zeebe engine started in Docker: ${grpcAddress}`)
  return { origin: 'docker', grpcAddress, stop: once(stop) }
}

/** Starts Redis in a container. `args` are added to redis-server's own, and win. */
export async function startDockerRedis(
  options: StartOptions & { args?: readonly string[] },
): Promise<RedisPart> {
  const { progress, signal, args = [] } = options
  const { GenericContainer, Wait } = await import('testcontainers')
  progress.step(`starting ${REDIS_IMAGE} in Docker …`)
  const container = await new GenericContainer(REDIS_IMAGE)
    .withExposedPorts(REDIS_PORT)
    .withCommand(['redis-server', '--save', '', '--maxmemory-policy', 'noeviction', ...args])
    .withWaitStrategy(Wait.forLogMessage('Ready to accept connections'))
    .start()
  const stop = async () => void (await container.stop())
  await stopIfAborted(signal, stop)
  const url = `redis://${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`
  progress.done(`Redis started in Docker: ${url}`)
  return { origin: 'docker', url, stop: once(stop) }
}

/** testcontainers cannot be interrupted: a container that comes up after the abort is ended again. */
async function stopIfAborted(signal: AbortSignal | undefined, stop: () => Promise<void>): Promise<void> {
  if (!signal?.aborted) return
  await stop()
  signal.throwIfAborted()
}

function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined
  return () => {
    stopped ??= stop()
    return stopped
  }
}
