// Queues commands by destination, and bounds how many are under way: no destination gets so many that another has to wait for it. A queued
// command occupies none of the places.
import type { CommandEnd, Destination, DestinationHealth } from './destination-health.ts'
import { makeWaitingCommands, type WaitingCommands } from './waiting-commands.ts'

export interface CommandQueues<Item>
  extends Pick<WaitingCommands<Item>, 'remove' | 'take' | 'waiting' | 'waitingSince' | 'destinations'> {
  /** Adds a command to the end of a queue; it starts as soon as it may. Nothing starts after {@link empty}. */
  add(to: Destination, item: Item): void
  /** Whether more commands would only wait: each destination that moves has plenty. A stuck one does not count. */
  crowded(): boolean
  /** Whether no command is under way, and all that wait are held back by their destination. */
  idle(): boolean
  /** Starts no more. @returns the commands that have not started. */
  empty(): Item[]
  /** Resolves when none is under way. */
  ended(): Promise<void>
}

interface CommandQueuesOptions<Item> {
  readonly health: DestinationHealth
  /** Commands under way at once; a few more with many destinations. */
  readonly places: number
  /** Carries one out. */
  readonly work: (item: Item, to: Destination) => Promise<CommandEnd>
  /** ms, from any start. */
  readonly now: () => number
  readonly random: () => number
  /** Commands under way at once to one destination. @default its share of the places */
  readonly most?: (to: Destination) => number
}

const PLENTY = 128
/** For a destination that is slow but refuses nothing: if this process dies, others find what is queued here only after a while. */
const MOST = 1_000
/** A destination moves if the head of its queue has not waited longer than this. */
const MOVING_MS = 1_000

export function makeCommandQueues<Item>(options: CommandQueuesOptions<Item>): CommandQueues<Item> {
  const { health, now, random } = options
  const items = makeWaitingCommands<Item>(now, random)
  const places = makePlaces(options)
  let closed = false
  let timer: NodeJS.Timeout | undefined

  const begin = (to: Destination): boolean => {
    // A command that started a moment ago may have emptied this queue.
    const pass = items.waiting(to) > 0 && places.has(to) ? health.enter(to) : null
    if (pass === null) return false
    // A probe may be any of them: some may be refused for a reason of their own.
    const item = items.next(to, pass.probe ? 'any' : 'first')
    places.take(to)
    const ended = (end: CommandEnd): void => {
      health.left(pass, end)
      places.give(to)
      beginAll()
    }
    options.work(item, to).then(ended, () => ended({ kind: 'alone' }))
    return true
  }
  /** Starts one per destination in turn, as long as any may start. */
  const beginAll = (): void => {
    if (closed) return
    const closedFor = new Map<Destination, number>()
    for (let begun = true; begun; ) {
      begun = false
      for (const to of items.destinations()) {
        // Read before the attempt: afterwards the time may be over, and nothing would wake this queue.
        closedFor.set(to, health.closedFor(to))
        begun = begin(to) || begun
      }
    }
    clearTimeout(timer)
    const waits = [...closedFor.values()].filter((ms) => ms > 0)
    if (waits.length > 0) timer = setTimeout(beginAll, Math.ceil(Math.min(...waits)))
  }
  return {
    ...items,
    add(to, item) {
      items.add(to, item)
      beginAll()
    },
    crowded: () =>
      items.destinations().some((to) => {
        if (health.inTrouble(to)) return false
        const waiting = items.waiting(to)
        return waiting >= MOST || (waiting >= PLENTY && items.waitedMs(to) < MOVING_MS)
      }),
    idle: () => places.free() && items.destinations().every((to) => health.closedFor(to) > 0),
    empty() {
      closed = true
      clearTimeout(timer)
      return items.take()
    },
    ended: places.ended,
  }
}

/** A destination may use this part of the places that others leave free, so that a new one always finds some. */
const SHARE = 0.75

/** The places of commands that are under way. */
function makePlaces<Item>({ places, most = () => places }: CommandQueuesOptions<Item>) {
  const taken = new Map<Destination, number>()
  let all = 0
  let whenFree = Promise.withResolvers<void>()
  const count = (to: Destination, by: 1 | -1): void => {
    all += by
    const own = (taken.get(to) ?? 0) + by
    if (own > 0) taken.set(to, own)
    else taken.delete(to)
  }
  return {
    has(to: Destination): boolean {
      const own = taken.get(to) ?? 0
      const share = Math.floor(SHARE * (places - (all - own)))
      return own < Math.max(1, Math.min(share, most(to)))
    },
    take: (to: Destination) => count(to, 1),
    give(to: Destination): void {
      count(to, -1)
      if (all > 0) return
      whenFree.resolve()
      whenFree = Promise.withResolvers()
    },
    free: () => all === 0,
    ended: async (): Promise<void> => {
      if (all > 0) await whenFree.promise
    },
  }
}
