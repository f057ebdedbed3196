// Ports of loopback for programs that have to be told theirs. Nobody can know that a port will be free: the program
// itself takes it, and where it cannot, it is started on another.

/** A port that a program was told is another's. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError'
}

/**
 * Below the ports that systems give out by themselves: a connection, or a server that takes any port, is never in the
 * way, and whoever is away for a moment finds its port free again.
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
