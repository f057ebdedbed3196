// Allow-lists of deployed processes, from Camunda's REST API. A process definition never changes, so what was read is cached; failures
// are not.
import type { RestClient } from '../camunda/rest-client.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import {
  type AllowList,
  allowList,
  type FieldPath,
  feelSources,
  type InputMapping,
  NO_SECRETS,
} from '../connector/secret-allow-list.ts'
import { processInputs } from './process-inputs.ts'

/** A task in one version of a process. */
export interface SecretTask {
  readonly processDefinitionKey: string
  readonly elementId: string
}

export interface AllowLists {
  /** @throws Error when the process cannot be read now; the message says why. */
  of(task: SecretTask): Promise<AllowList>
}

interface AllowListsOptions {
  readonly rest: RestClient
  readonly compatibility: Compatibility
  /** How many process definitions to cache; 0 for none. */
  readonly cacheSize: number
  /**
   * Finds which variables each expression reads, in another process: for long expressions, since a diagram's author decides how long
   * that takes.
   * @throws Error (rejects) when it takes too long.
   */
  readonly pathsElsewhere: (expressions: readonly string[]) => Promise<readonly (readonly FieldPath[])[]>
}

/** Mappings that took too long to follow are not tried again for this long, ms. */
const FAILED_FOR_MS = 60_000

/** Expressions up to this length together, in characters, are read here: that takes at most about 20 ms. */
const READ_HERE = 2_048

/** By default, Zeebe takes deployments of at most 4 MB. */
const MAX_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 10_000

/** A process: the mappings of its elements, and the allow-lists of the elements that were asked for. */
interface KnownProcess {
  readonly inputs: ReadonlyMap<string, readonly InputMapping[]>
  readonly lists: Map<string, Promise<AllowList>>
}

export function makeAllowLists(options: AllowListsOptions): AllowLists {
  const { rest, cacheSize } = options
  const cache = new Map<string, Promise<KnownProcess>>()
  const read = async (key: string): Promise<KnownProcess> => {
    const path = `/v2/process-definitions/${encodeURIComponent(key)}/xml`
    const { body } = await rest.get(path, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
    return { inputs: await processInputs(body.toString('utf8')), lists: new Map() }
  }
  const fetch = (key: string): Promise<KnownProcess> => {
    const known = cache.get(key)
    if (known !== undefined) {
      // Keeps the cache in the order of last use.
      cache.delete(key)
      cache.set(key, known)
      return known
    }
    const reading = read(key)
    cache.set(key, reading)
    const forget = () => {
      if (cache.get(key) === reading) cache.delete(key)
    }
    reading.then(cacheSize === 0 ? forget : () => trim(cache, cacheSize), forget)
    return reading
  }
  return {
    async of({ processDefinitionKey, elementId }) {
      const { inputs, lists } = await fetch(processDefinitionKey)
      const known = lists.get(elementId)
      if (known !== undefined) return known
      const list = listOf(inputs.get(elementId) ?? [], options)
      lists.set(elementId, list)
      list.catch(() => setTimeout(() => lists.delete(elementId), FAILED_FOR_MS).unref())
      return list
    },
  }
}

/** @throws Error (rejects) when a task has more mappings than can be followed. */
async function listOf(
  inputs: readonly InputMapping[],
  { compatibility, pathsElsewhere }: AllowListsOptions,
): Promise<AllowList> {
  const sources = feelSources(inputs)
  const isShort = sources.reduce((length, source) => length + source.length, 0) <= READ_HERE
  const paths = isShort ? await pathsHere(sources) : await pathsElsewhere(sources)
  const reads = new Map(sources.map((source, index) => [source, paths[index] ?? []]))
  return inputs.length === 0 ? NO_SECRETS : allowList({ inputs, reads }, compatibility)
}

/** Loads the parser only when it is needed: it takes long to load, and most processes never need it. */
async function pathsHere(sources: readonly string[]): Promise<readonly (readonly FieldPath[])[]> {
  const { referencedPaths } = await import('../feel/referenced-paths.ts')
  return sources.map(referencedPaths)
}

function trim(cache: Map<string, unknown>, size: number): void {
  for (const key of cache.keys()) {
    if (cache.size <= size) return
    cache.delete(key)
  }
}
