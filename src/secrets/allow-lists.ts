// Allow-lists of deployed processes, from Camunda's REST API. A process definition never changes, so what was read
// once is kept; a failed look-up is not.
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

/** Which task of which version of a process. */
export interface SecretTask {
  readonly processDefinitionKey: string
  readonly elementId: string
}

export interface AllowLists {
  /** @throws Error when the process cannot be read now; the message names the reason. */
  of(task: SecretTask): Promise<AllowList>
}

export interface AllowListsOptions {
  readonly rest: RestClient
  readonly compatibility: Compatibility
  /** Process definitions to keep; 0 keeps none. */
  readonly cacheSize: number
  /**
   * Tells which variables each expression reads, elsewhere: for long ones, since a diagram's author decides how long that takes.
   * @throws Error (rejects) when it takes too long.
   */
  readonly pathsElsewhere: (expressions: readonly string[]) => Promise<readonly (readonly FieldPath[])[]>
}

/** For how long mappings that could not be followed are not tried again, ms: it took all the time that there is. */
const FAILED_FOR_MS = 60_000

/** Expressions that are so long together, in characters, are read here: that takes some 20 ms at the most. */
const READ_HERE = 2_048

/** Zeebe takes no deployment of more than 4 MB unless it is told to. */
const MAX_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 10_000

/** What is known of a process: the mappings of its elements, and the allow-lists of those that were asked for. */
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
      // The one used last is forgotten last.
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

/** @throws Error (rejects) where a task's mappings are more than can be followed. */
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

/** Most processes never need the parser, which takes long to load. */
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
