// Whether a lane has workers: each has a connection to Redis whose name tells the regions that it serves. The list of all connections
// is long where there are many, and Redis does nothing else while it writes it, so it is asked for now and then only, for all
// who look at any lane.
import type { LaneName } from '../job/ids.ts'
import { isUnroutable, parseLaneName } from '../job/lane.ts'

/** What of any lane's queue of BullMQ is asked. */
interface NamedQueue {
  getBackend(): {
    /** Of the connections that workers of earlier versions have for each lane. */
    clientName(): string
    /** CLIENT LIST of each node. */
    getClientList(): Promise<readonly string[]>
  }
}

/** @throws the error of Redis. */
export type IsServed = (queue: NamedQueue, lane: LaneName) => Promise<boolean>

/** A worker that comes or goes is seen that late, ms. */
const KEPT_MS = 2_000
/** What Redis answers where a provider does not have the command: nobody knows then. */
const NO_CLIENT_LIST = /unknown command ['`]\s*client\s*['`]/i

/**
 * What a worker's connection is for, as its name tells.
 * @param regions - that it serves; undefined means all.
 */
export function servesRegions(prefix: string, regions: readonly string[] | undefined): string {
  return `serves:${prefix}:${Buffer.from((regions ?? []).join(' ')).toString('base64url')}`
}

/** Those who serve. */
interface Serving {
  /** Names of connections that workers of earlier versions have, one for each lane. */
  readonly names: ReadonlySet<string>
  readonly regions: ReadonlySet<string>
  /** Whether a worker serves all regions. */
  readonly all: boolean
}

/**
 * @param prefix - of all keys.
 * @param now - ms, from any start.
 */
export function makeIsServed(
  prefix: string,
  now: () => number = performance.now.bind(performance),
): IsServed {
  let last: { readonly at: number; readonly serving: Promise<Serving | null> } | null = null
  const latest = (queue: NamedQueue): Promise<Serving | null> => {
    if (last !== null && now() - last.at < KEPT_MS) return last.serving
    const asked = { at: now(), serving: readServing(queue, prefix) }
    last = asked
    // One that failed is not kept: the next who looks asks again.
    asked.serving.catch(() => {
      if (last === asked) last = null
    })
    return asked.serving
  }
  return async (queue, lane) => {
    const serving = await latest(queue)
    if (serving === null || serving.all) return true
    const { region } = parseLaneName(lane)
    const isAnyones = isUnroutable(parseLaneName(lane)) && serving.regions.size > 0
    return isAnyones || serving.regions.has(region) || serving.names.has(queue.getBackend().clientName())
  }
}

/** Null: not to be had. */
async function readServing(queue: NamedQueue, prefix: string): Promise<Serving | null> {
  const lists = await queue
    .getBackend()
    .getClientList()
    .catch((error: unknown) => {
      if (error instanceof Error && NO_CLIENT_LIST.test(error.message)) return null
      throw error
    })
  if (lists === null) return null
  const named = lists.flatMap((list) => [...list.matchAll(/ name=(\S+)/g)].map(([, name = '']) => name))
  const own = named.flatMap((name) => name.split(`serves:${prefix}:`).slice(1))
  const regions = own.map((text) => Buffer.from(text, 'base64url').toString())
  return {
    // BullMQ writes a worker's own name behind that of the queue.
    names: new Set(named.map((name) => name.replace(/:w:\S*$/, ''))),
    regions: new Set(regions.flatMap((text) => text.split(' ')).filter((region) => region !== '')),
    all: regions.includes(''),
  }
}
