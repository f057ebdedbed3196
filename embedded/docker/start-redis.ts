// Redis in a container, for machines with a Docker daemon. Loads testcontainers only when it is used.
import type { RedisPart, StartOptions } from '../part.ts'
import { endOf } from './end-container.ts'
import { REDIS_IMAGE, REDIS_PORT } from './images.ts'

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
  const stop = await endOf(container, signal)
  const url = `redis://${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`
  progress.done(`Redis started in Docker: ${url}`)
  return { origin: 'docker', url, stop }
}
