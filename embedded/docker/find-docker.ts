// Asks whether there is a Docker daemon, in the way by which containers would be started.

const PROBE_TIMEOUT_MS = 5_000

/**
 * Says whether a Docker daemon answers (a client on the PATH is not enough), or why not. It is looked for where
 * testcontainers does: `DOCKER_HOST`, `~/.testcontainers.properties`, then the sockets of this machine.
 */
export async function findDocker(): Promise<true | string> {
  const testcontainers = await import('testcontainers').catch(() => null)
  if (testcontainers === null) {
    return 'the package testcontainers is not installed: run `npm ci`, development packages included'
  }
  const patience = Promise.withResolvers<false>()
  const timer = setTimeout(() => patience.resolve(false), PROBE_TIMEOUT_MS)
  const asked = testcontainers.getContainerRuntimeClient().then(
    () => true,
    () => false,
  )
  const answers = await Promise.race([asked, patience.promise]).finally(() => clearTimeout(timer))
  return answers || 'no Docker daemon answers'
}
