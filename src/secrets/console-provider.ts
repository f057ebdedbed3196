// Secrets of a Camunda 8 SaaS cluster, from Console: one GET gives them all. Asked at most every 20 s; what was known
// serves while Console is away, for a while. It never shows what Console answered.
import { request } from 'undici'
import type { Authorization } from '../camunda/authorization.ts'
import type { SecretProvider } from './secret-provider.ts'

export interface ConsoleSecrets {
  readonly endpoint: string
  readonly authorization: Authorization
  readonly now: () => number
  /** @default 20000 */
  readonly refreshMs?: number
  /** How long known values serve while Console cannot be asked. @default 600000 */
  readonly staleMs?: number
}

const REFRESH_MS = 20_000
const STALE_MS = 600_000
const TIMEOUT_MS = 10_000

interface Known {
  readonly values: ReadonlyMap<string, string>
  readonly fetchedAtMs: number
}

export function makeConsoleProvider(secrets: ConsoleSecrets): SecretProvider {
  const { now, refreshMs = REFRESH_MS, staleMs = STALE_MS } = secrets
  let known: Known | null = null
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<Known> | null = null
  const refresh = async (): Promise<Known> => {
    askedAtMs = now()
    try {
      known = { values: await fetchSecrets(secrets), fetchedAtMs: now() }
      return known
    } catch (error) {
      if (known !== null && now() - known.fetchedAtMs < staleMs) return known
      known = null
      throw error
    } finally {
      asking = null
    }
  }
  return {
    async get(name) {
      if (known !== null && now() - askedAtMs < refreshMs) return known.values.get(name) ?? null
      asking ??= refresh()
      const { values } = await asking
      return values.get(name) ?? null
    },
  }
}

async function fetchSecrets({ endpoint, authorization }: ConsoleSecrets): Promise<Map<string, string>> {
  const fail = (reason: string, cause?: unknown): never => {
    throw new Error(`The secrets of the cluster could not be fetched from Console: ${reason}`, { cause })
  }
  try {
    const header = await authorization()
    const { statusCode, body } = await request(endpoint, {
      headers: { accept: 'application/json', ...(header === null ? {} : { authorization: header }) },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (statusCode !== 200) {
      await body.dump()
      return fail(`it answered ${statusCode}`)
    }
    return readSecrets(await body.text()) ?? fail('its answer is no JSON object of texts')
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('The secrets of the cluster')) throw error
    return fail(error instanceof Error ? error.message : String(error), error)
  }
}

function readSecrets(text: string): Map<string, string> | null {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return null
  return new Map(
    Object.entries(answer).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
