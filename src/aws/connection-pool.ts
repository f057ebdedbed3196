// The connections to one endpoint. A call gets a place on an open one, or waits for one that is being opened, and for nothing else. The
// number of connections follows from how many calls each takes.
import { ConnectError } from './connect-error.ts'
import type { Connection } from './connection.ts'

export interface ConnectionPool {
  /**
   * A connection with a place taken on it.
   * @throws ConnectError when none could be opened; the reason of the signal when it was aborted
   */
  take(signal: AbortSignal): Promise<Connection>
  /** Ends all connections and the calls on them. */
  close(): void
}

/** A connection that is being opened, and the calls that wait for it. */
interface Opening {
  readonly done: Promise<void>
  /** How many more calls may wait for it. */
  seats: number
}

/** A call gives up after this many connections were opened, and then full or closed before it got a place. */
const MOST_OPENINGS = 10

/** @param endpoint - `host:port`, for messages. */
export function makeConnectionPool(endpoint: string, open: () => Promise<Connection>): ConnectionPool {
  const connections = new Set<Connection>()
  const openings = new Set<Opening>()
  // HTTP/1.1 takes one call, HTTP/2 many. Unknown until the first connection is open.
  let expected = Number.POSITIVE_INFINITY
  let closed = false
  const begin = (): Opening => {
    const opening: Opening = {
      seats: expected,
      done: open()
        .then((connection) => {
          expected = connection.room
          connections.add(connection)
          void connection.ended.then(() => connections.delete(connection))
          if (closed) connection.destroy()
        })
        .finally(() => openings.delete(opening)),
    }
    openings.add(opening)
    return opening
  }
  const takeFree = (): Connection | undefined => {
    for (const connection of connections) if (connection.take()) return connection
    return undefined
  }
  return {
    async take(signal) {
      for (let seen = 0; seen < MOST_OPENINGS; seen += 1) {
        signal.throwIfAborted()
        if (closed) throw new Error('The connections are closed: this process ends')
        const free = takeFree()
        if (free !== undefined) return free
        const opening = [...openings].find(({ seats }) => seats > 0) ?? begin()
        opening.seats -= 1
        try {
          await unlessAborted(opening.done, signal)
        } catch (error) {
          throw error instanceof ConnectError ? error.copy() : error
        }
      }
      const message = `${endpoint} cannot be connected to: it closes each connection before a call is sent. Look at whether it, or what is before it, is overloaded.`
      throw new ConnectError({ step: 'tls', endpoint, message, network: 'reset' })
    },
    close() {
      closed = true
      for (const connection of connections) connection.destroy()
    },
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
