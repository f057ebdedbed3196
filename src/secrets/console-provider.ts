// Secrets of a Camunda 8 SaaS cluster, from Console: one GET returns all of them. Asked at most every 20 s; while Console is away, known
// values are used for a while. Never shows what Console answered.
import { request } from 'undici'
import type { Authorization } from '../camunda/authorization.ts'
import type { SecretProvider } from './secret-provider.ts'

interface ConsoleSecrets {
  readonly endpoint: string
  readonly authorization: Authorization
  /** ms, monotonic. */
  readonly now: () => number
}

const REFRESH_MS = 20_000
/** How long known values are used while Console cannot be asked. */
const STALE_MS = 600_000
const TIMEOUT_MS = 10_000
/** Longest foreign error text in the message: people read it in an incident. */
const LONGEST_REASON = 300

interface Known {
  readonly values: ReadonlyMap<string, string>
  readonly fetchedAtMs: number
}

export function makeConsoleProvider(secrets: ConsoleSecrets): SecretProvider {
  const { now } = secrets
  let known: Known | null = null
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<Known> | null = null
  const refresh = async (): Promise<Known> => {
    askedAtMs = now()
    try {
      known = { values: await fetchSecrets(secrets), fetchedAtMs: now() }
      return known
    } catch (error) {
      if (known !== null && now() - known.fetchedAtMs < STALE_MS) return known
      known = null
      throw error
    } finally {
      asking = null
    }
  }
  return {
    async get(name) {
      if (known !== null && now() - askedAtMs < REFRESH_MS) return known.values.get(name) ?? null
      asking ??= refresh()
      const { values } = await asking
      return values.get(name) ?? null
    },
  }
}

async function fetchSecrets(secrets: ConsoleSecrets): Promise<Map<string, string>> {
  try {
    return await ask(secrets)
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_REASON)
    const message = `The secrets of the cluster could not be fetched from Console: ${reason}`
    throw new Error(message, { cause: error })
  }
}

async function ask(secrets: ConsoleSecrets, again = true): Promise<Map<string, string>> {
  const { endpoint, authorization } = secrets
  const header = await authorization.header()
  const { statusCode, body } = await request(endpoint, {
    headers: { accept: 'application/json', ...(header === null ? {} : { authorization: header }) },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (statusCode === 200) return readSecrets(await body.text())
  await body.dump()
  if (statusCode === 401 && header !== null && again && authorization.refused(header))
    return ask(secrets, false)
  throw new Error(`it answered ${statusCode}`)
}

function readSecrets(text: string): Map<string, string> {
  const answer = parse(text)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new Error('its answer is no JSON object of texts')
  }
  return new Map(
    Object.entries(answer).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Null for a text that is no JSON: the parser's error would quote it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
