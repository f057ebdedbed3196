// The incidents of a job, from the search of Camunda's REST API: gRPC has none. Needs Camunda's secondary storage, which
// lags behind the engine by seconds.
import type { JobKey } from '../job/ids.ts'
import type { RestClient } from './rest-client.ts'
import { RestError } from './rest-error.ts'

export interface IncidentSearch {
  /**
   * Keys of the job's incidents that are not resolved.
   * @throws RestError when the search did not go through.
   */
  activeOf(key: JobKey): Promise<readonly string[]>
}

const TIMEOUT_MS = 5_000

/** https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/search-incidents/ */
export function makeIncidentSearch(rest: RestClient): IncidentSearch {
  return {
    async activeOf(key) {
      const filter = { jobKey: key, state: 'ACTIVE' }
      const { body } = await rest.post('/v2/incidents/search', { filter }, { timeoutMs: TIMEOUT_MS })
      return incidentKeys(body.toString('utf8'))
    },
  }
}

function incidentKeys(text: string): readonly string[] {
  const { items } = parsed(text) as { readonly items?: readonly { readonly incidentKey?: unknown }[] }
  if (!Array.isArray(items))
    throw new RestError('The search for incidents was answered with something else.', { status: 200 })
  // Keys come as text since they exceed 2^53.
  return items.flatMap(({ incidentKey }) => (typeof incidentKey === 'string' ? [incidentKey] : []))
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** Whether Camunda answered that it has no secondary storage (its `NoSecondaryStorageException`, 403). */
export function lacksSecondaryStorage(error: unknown): boolean {
  return error instanceof RestError && error.status === 403 && /secondary storage/i.test(error.detail)
}
