// Resolves the references to secrets in a job's variables when they are needed. The result holds secrets in clear: it lives as long as the
// call it is for, and never goes into Redis, a log line or an event.
import { type AboutWork, type Aside, HERE } from '../aside/aside.ts'
import type { Compatibility } from '../connector/compatibility.ts'
import { type ConnectorError, inputError, javaError, RUNTIME } from '../connector/connector-error.ts'
import { TooManyMappings } from '../connector/secret-allow-list.ts'
import type { UsedSecret } from '../connector/secret-masking.ts'
import { mayHoldSecrets } from '../connector/secret-reference.ts'
import { type Allowed, openSecretText, type SecretText } from '../connector/secret-text.ts'
import { hasTooManyValues, readingUnits } from '../connector/value-count.ts'
import type { AllowLists, SecretTask } from './allow-lists.ts'
import type { SecretProvider, SecretScope } from './secret-provider.ts'

/** A job, as the resolver needs it. */
interface SecretUser extends SecretScope, SecretTask {}

type ResolvedVariables =
  | { readonly ok: true; readonly variables: string; readonly used: readonly UsedSecret[] }
  | { readonly ok: false; readonly error: ConnectorError }

export interface SecretResolver {
  /** The variables, as JSON text, with the values of all secrets that the job's task may use. Never rejects. */
  resolve(job: SecretUser, variables: string): Promise<ResolvedVariables>
  /**
   * One secret that a job has already used.
   * @throws Error when a source of secrets cannot be asked now.
   */
  value(name: string, scope: SecretScope): Promise<string | null>
}

export interface SecretResolverParts {
  /** Asked in order; the first that has the secret wins. */
  readonly providers: readonly SecretProvider[]
  /** The secret filter; null lets every task use every secret. */
  readonly filter: { readonly lists: AllowLists; readonly mode: 'LAX' | 'STRICT' } | null
  readonly compatibility: Compatibility
  /** Reads large variables. @default here */
  readonly aside?: Aside
}

/** Each secret costs a question to its source, and a search in everything that is said of the job. */
const MOST_SECRETS = 100

function tooManySecrets(count: number): string {
  return `The job names ${count} secrets, which is more than the ${MOST_SECRETS} that Quarry resolves for one job. Name fewer in its inputs.`
}

const ALLOW_LIST_UNAVAILABLE = 'io.camunda.connector.runtime.core.secret.SecretAllowListUnavailableException'
/** A process that was just deployed may not be readable yet (the runtime waits as long). */
const ALLOW_LIST_BACKOFF_MS = 5_000

export function makeSecretResolver(parts: SecretResolverParts): SecretResolver {
  const value = async (name: string, scope: SecretScope): Promise<string | null> => {
    for (const provider of parts.providers) {
      const found = await provider.get(name, scope)
      if (found !== null) return found
    }
    return null
  }
  return {
    value,
    async resolve(job, variables) {
      // Too many values: the binding refuses the job.
      if (!mayHoldSecrets(variables) || hasTooManyValues(variables)) return { ok: true, variables, used: [] }
      try {
        return await resolveText(parts, job, { variables, value })
      } catch (error) {
        if (error instanceof Refused) return { ok: false, error: error.failure }
        throw error
      }
    },
  }
}

/** Ends the resolving of one job. Never leaves this file. */
class Refused extends Error {
  override readonly name = 'Refused'
  readonly failure: ConnectorError

  constructor(failure: ConnectorError) {
    super(failure.message)
    this.failure = failure
  }
}

async function resolveText(
  { aside = HERE, compatibility, filter }: SecretResolverParts,
  job: SecretUser,
  { variables, value }: { variables: string; value: SecretResolver['value'] },
): Promise<ResolvedVariables> {
  const asIs = { ok: true, variables, used: [] } as const
  const about = { units: readingUnits(variables), owner: job }
  const text = aside.isLarge(about.units)
    ? inThread(aside, about, variables, compatibility)
    : openSecretText(variables, compatibility)
  const uses = await text.uses()
  if (uses.kind === 'tooDeep') throw new Refused(inputError(uses.message))
  // The variables are no JSON: the binding says so.
  if (uses.kind === 'noJson' || !uses.value) return asIs
  const allowed = await permitted(filter, job)
  const named = await text.names({ allowed, most: MOST_SECRETS })
  if (named.kind !== 'read') return asIs
  const { count, names } = named.value
  if (count > MOST_SECRETS) throw new Refused(inputError(tooManySecrets(count)))
  const used = await fetchAll(names, (name) => value(name, job))
  const values = new Map(used.map((secret) => [secret.name, secret.value]))
  const resolved = await text.withValues({ allowed, values })
  return resolved.kind === 'read' ? { ok: true, variables: resolved.value, used } : asIs
}

/** As {@link openSecretText}; a tree cannot stay in the thread, so a large text is parsed for each question. */
function inThread(aside: Aside, about: AboutWork, variables: string, compatibility: Compatibility) {
  return {
    uses: () => aside.run('usesSecrets', about, variables, compatibility),
    names: (asked: Parameters<SecretText['names']>[0]) =>
      aside.run('secretNames', about, variables, compatibility, asked),
    withValues: (given: Parameters<SecretText['withValues']>[0]) =>
      aside.run('withSecrets', about, variables, compatibility, given),
  }
}

/** What the job's task may use; null: everything. @throws Refused when that must be known and cannot. */
async function permitted(filter: SecretResolverParts['filter'], job: SecretUser): Promise<Allowed> {
  if (filter === null) return null
  try {
    return (await filter.lists.of(job)).source
  } catch (error) {
    // In both modes: the mappings could be read, and are too many.
    if (error instanceof TooManyMappings)
      throw new Refused(inputError(`Element '${job.elementId}': ${error.message}`))
    if (filter.mode === 'LAX') return null
    const { elementId, processDefinitionKey } = job
    const message = `Error retrieving secret keys for element '${elementId}' in process definition key ${processDefinitionKey} (${reasonOf(error)})`
    const failure = javaError(ALLOW_LIST_UNAVAILABLE, message)
    throw new Refused({ ...failure, retryBackoffMs: ALLOW_LIST_BACKOFF_MS })
  }
}

/** @throws Refused when a secret does not exist, or cannot be fetched now. */
async function fetchAll(
  names: readonly string[],
  fetch: (name: string) => Promise<string | null>,
): Promise<UsedSecret[]> {
  const results = await Promise.allSettled(names.map(fetch))
  return results.map((result, index) => {
    const name = names[index] ?? ''
    if (result.status === 'rejected') {
      const message = `Fetching secrets failed, original error can't be displayed as the error message might contain secrets: ${reasonOf(result.reason)}`
      throw new Refused({ ...javaError(RUNTIME, message), retryBackoffMs: 0 })
    }
    if (result.value === null) throw new Refused(inputError(`Secret with name '${name}' is not available`))
    return { name, value: result.value }
  })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
