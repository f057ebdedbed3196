// Whether a lane has workers: each worker names one of its connections to Redis after the regions that it serves. CLIENT LIST blocks
// Redis while it is written, and is long with many connections, so its answer is kept for a while and serves all lanes.
import type { LaneName } from '../job/ids.ts'
import { isUnroutable, parseLaneName } from '../job/lane.ts'

/** What is used of a lane's Queue. */
interface NamedQueue {
  getBackend(): {
    /** Name of the connection that workers of earlier versions open for each lane. */
    clientName(): string
    /** CLIENT LIST of each node. */
    getClientList(): Promise<readonly string[]>
  }
}

/** @throws the error of Redis. */
export type IsServed = (queue: NamedQueue, lane: LaneName) => Promise<boolean>

/** How old an answer may be, ms. */
const KEPT_MS = 2_000
/** Redis's answer where a provider disables the command. Lanes count as served then. */
const NO_CLIENT_LIST = /unknown command ['`]\s*client\s*['`]/i

/**
 * The purpose in the name of a worker's connection.
 * @param regions - that it serves; undefined means all.
 */
export function servesRegions(prefix: string, regions: readonly string[] | undefined): string {
  return `serves:${prefix}:${Buffer.from((regions ?? []).join(' ')).toString('base64url')}`
}

/** Who serves lanes. */
interface Serving {
  /** Names of connections of workers of earlier versions, one for each lane. */
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
    // A failure is not kept.
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

/** Null if Redis does not have the command. */
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
    // BullMQ appends a worker's own name to that of the queue.
    names: new Set(named.map((name) => name.replace(/:w:\S*$/, ''))),
    regions: new Set(regions.flatMap((text) => text.split(' ')).filter((region) => region !== '')),
    all: regions.includes(''),
  }
}
