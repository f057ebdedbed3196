// Allow-lists of deployed processes, from Camunda's REST API. A process definition never changes, so what was read
// once is kept; a failed look-up is not.
import type { RestClient } from '../camunda/rest-client.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { type AllowList, allowList } from '../connector/secret-allow-list.ts'
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
}

/** Zeebe takes no deployment of more than 4 MB unless it is told to. */
const MAX_BYTES = 16 * 1024 * 1024
const TIMEOUT_MS = 10_000

type ByElement = ReadonlyMap<string, AllowList>

export function makeAllowLists({ rest, compatibility, cacheSize }: AllowListsOptions): AllowLists {
  const cache = new Map<string, Promise<ByElement>>()
  const read = async (key: string): Promise<ByElement> => {
    const path = `/v2/process-definitions/${encodeURIComponent(key)}/xml`
    const { body } = await rest.get(path, { maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS })
    const lists = [...processInputs(body.toString('utf8'))].map(
      ([elementId, inputs]) => [elementId, allowList(inputs, compatibility)] as const,
    )
    return new Map(lists)
  }
  const fetch = (key: string): Promise<ByElement> => {
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
      return (await fetch(processDefinitionKey)).get(elementId) ?? []
    },
  }
}

function trim(cache: Map<string, unknown>, size: number): void {
  for (const key of cache.keys()) {
    if (cache.size <= size) return
    cache.delete(key)
  }
}
