// Loopback ports for programs that need a given port. A free port may be taken before the program listens on it: then the program is
// started on another one.

/** The given port of a program is in use. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

/**
 * Below the ephemeral ports, so that neither connections nor servers on any free port take it, and a restarted program finds its port
 * free again.
 */
const LOWEST = 10_000
const PORTS = 20_000
const MOST_TRIES = 50

/**
 * Starts something on a port that is free, and tries others while it says that one is taken.
 * @param start - Rejects with a {@link PortTakenError} when the port, or one that follows from it, is another's.
 * @throws what `start` rejects with otherwise.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await start(LOWEST + Math.floor(Math.random() * PORTS))
    } catch (error) {
      if (!(error instanceof PortTakenError) || tried === MOST_TRIES) throw error
    }
  }
}

/** @throws PortTakenError in place of an EADDRINUSE. */
export function orPortTaken(error: unknown): never {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  throw taken ? new PortTakenError(error.message, { cause: error }) : error
}
