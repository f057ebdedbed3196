// Whether a lane has workers: each has a connection to Redis that is named after the lane. The list of all connections is
// long where there are many, and Redis does nothing else while it writes it, so it is asked for now and then only, for all
// who look at any lane.

/** What of a lane's queue of BullMQ is asked. */
interface NamedQueue {
  getBackend(): {
    /** Of its workers' connections. */
    clientName(): string
    /** CLIENT LIST of each node. */
    getClientList(): Promise<readonly string[]>
  }
}

/** @throws the error of Redis. */
export type IsServed = (queue: NamedQueue) => Promise<boolean>

/** A worker that comes or goes is seen that late, ms. */
const KEPT_MS = 2_000
/** What Redis answers where a provider does not have the command: nobody knows then. */
const NO_CLIENT_LIST = /unknown command ['`]\s*client\s*['`]/i

/** @param now - ms, from any start. */
export function makeIsServed(now: () => number = performance.now.bind(performance)): IsServed {
  let last: { readonly at: number; readonly names: Promise<ReadonlySet<string> | null> } | null = null
  const latest = (queue: NamedQueue): Promise<ReadonlySet<string> | null> => {
    if (last !== null && now() - last.at < KEPT_MS) return last.names
    const asked = { at: now(), names: connectionNames(queue) }
    last = asked
    // One that failed is not kept: the next who looks asks again.
    asked.names.catch(() => {
      if (last === asked) last = null
    })
    return asked.names
  }
  return async (queue) => (await latest(queue))?.has(queue.getBackend().clientName()) ?? true
}

/** Names of connections, without that of the worker which BullMQ writes behind that of the queue. Null: not to be had. */
async function connectionNames(queue: NamedQueue): Promise<ReadonlySet<string> | null> {
  const lists = await queue
    .getBackend()
    .getClientList()
    .catch((error: unknown) => {
      if (error instanceof Error && NO_CLIENT_LIST.test(error.message)) return null
      throw error
    })
  const named = lists?.flatMap((list) => [...list.matchAll(/ name=(\S+?)(?::w:\S*)? /g)])
  return named === undefined ? null : new Set(named.map(([, name = '']) => name))
}
