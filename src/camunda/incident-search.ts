// A job and its incidents, from the searches of Camunda's REST API (8.8), since gRPC has none. Needs Camunda's secondary storage, which
// lags behind the engine by seconds.
import type { JobKey } from '../job/ids.ts'
import type { RestClient } from './rest-client.ts'
import { RestError } from './rest-error.ts'

/** Type and owner of a job. */
export interface FoundJob {
  readonly type: string
  readonly tenantId: string
}

/** Each call rejects with RestError when the search failed. */
export interface IncidentSearch {
  /** Keys of the job's open incidents. */
  activeOf(key: JobKey): Promise<readonly string[]>
  /** Whether an incident belongs, or belonged, to the job. */
  isOf(key: JobKey, incidentKey: string): Promise<boolean>
  /** Null for a job that is not found, or not yet. */
  job(key: JobKey): Promise<FoundJob | null>
}

const TIMEOUT_MS = 5_000

/**
 * https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/search-incidents/
 * https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/search-jobs/
 */
export function makeIncidentSearch(rest: RestClient): IncidentSearch {
  const search = async (what: 'incidents' | 'jobs', filter: object): Promise<readonly Item[]> => {
    const { body } = await rest.post(`/v2/${what}/search`, { filter }, { timeoutMs: TIMEOUT_MS })
    const { items } = parsed(body.toString('utf8')) as { readonly items?: unknown }
    if (!Array.isArray(items))
      throw new RestError(`The search for ${what} had an unexpected answer.`, { status: 200 })
    return items.filter((item): item is Item => typeof item === 'object' && item !== null)
  }
  const incidents = async (filter: object): Promise<readonly string[]> =>
    // Keys come as text, because they exceed 2^53.
    (await search('incidents', filter)).map(({ incidentKey }) => incidentKey).filter(isText)
  return {
    activeOf: (key) => incidents({ jobKey: key, state: 'ACTIVE' }),
    isOf: async (key, incidentKey) => (await incidents({ jobKey: key, incidentKey })).includes(incidentKey),
    async job(key) {
      // The answer only counts for the job that was asked for.
      const found = (await search('jobs', { jobKey: key })).find(({ jobKey }) => jobKey === key)
      const { type, tenantId } = found ?? {}
      return isText(type) && isText(tenantId) ? { type, tenantId } : null
    },
  }
}

type Item = Readonly<Record<string, unknown>>

const isText = (value: unknown): value is string => typeof value === 'string'

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
