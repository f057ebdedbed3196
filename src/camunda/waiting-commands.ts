// Commands that wait, by destination, in the order in which they came.
import type { Destination } from './destination-health.ts'

export interface WaitingCommands<Item> {
  add(to: Destination, item: Item): void
  remove(to: Destination, item: Item): void
  /** Takes out the command that has waited longest, or any. @throws RangeError when none waits */
  next(to: Destination, which: 'first' | 'any'): Item
  /** Takes out all commands, for one destination or for all. */
  take(to?: Destination): Item[]
  waiting(to: Destination): number
  /** Commands that have waited since before that time (of `now`). */
  waitingSince(to: Destination, at: number): Item[]
  /** How long the first has waited, ms; 0 for none. */
  waitedMs(to: Destination): number
  /** Destinations with waiting commands. */
  destinations(): Destination[]
}

export function makeWaitingCommands<Item>(now: () => number, random: () => number): WaitingCommands<Item> {
  /** Waiting commands and since when they wait. */
  const queues = new Map<Destination, Map<Item, number>>()
  const remove = (to: Destination, item: Item): void => {
    const queue = queues.get(to)
    queue?.delete(item)
    if (queue?.size === 0) queues.delete(to)
  }
  return {
    add: (to, item) => void queues.set(to, (queues.get(to) ?? new Map<Item, number>()).set(item, now())),
    remove,
    next(to, which) {
      const items = queues.get(to)?.keys()
      const found =
        which === 'first'
          ? items?.next()
          : items?.drop(Math.floor(random() * (queues.get(to)?.size ?? 0))).next()
      if (found === undefined || found.done) throw new RangeError(`Nothing waits for ${to}`)
      remove(to, found.value)
      return found.value
    },
    take(to) {
      const taken = [...queues].filter(([key]) => to === undefined || key === to)
      for (const [key] of taken) queues.delete(key)
      return taken.flatMap(([, queue]) => [...queue.keys()])
    },
    waiting: (to) => queues.get(to)?.size ?? 0,
    waitingSince: (to, at) =>
      [...(queues.get(to) ?? [])].filter(([, since]) => since < at).map(([item]) => item),
    waitedMs(to) {
      const [since = now()] = queues.get(to)?.values() ?? []
      return now() - since
    },
    destinations: () => [...queues.keys()],
  }
}
