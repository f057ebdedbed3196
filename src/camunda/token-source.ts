// Holds one access token: fetches it when it is needed, renews it shortly before it expires, and replaces it when it was refused. Concurrent
// callers share one fetch. Never fetches more often than a token endpoint can bear, whatever its callers do, and keeps tokens in memory
// only.

/** A token as it was fetched. */
export interface FetchedToken {
  readonly value: string
  /** How long it is valid, ms; null if the endpoint did not say. */
  readonly lifetimeMs: number | null
}

/** Thrown when there is no token. The message holds no credential. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  /** Whether the endpoint refused our credentials, so that another try soon is useless. */
  readonly refused: boolean

  constructor(message: string, facts: { readonly refused: boolean; readonly cause?: unknown }) {
    super(message, { cause: facts.cause })
    this.refused = facts.refused
  }
}

interface TokenSourceParts {
  readonly fetchToken: (signal: AbortSignal) => Promise<FetchedToken>
  /** A monotonic clock, ms. */
  readonly now: () => number
  readonly random: () => number
}

export interface TokenSource {
  /** @throws TokenError of the last fetch while the next is not due. */
  token(): Promise<string>
  /**
   * Reports that a token was refused.
   * @returns whether the next `token()` is another one, so that the call may be sent again.
   */
  refused(token: string): boolean
  /** Ends a fetch under way. Idempotent. */
  close(): void
}

/** Assumed lifetime of a token without one. */
const UNKNOWN_LIFETIME_MS = 300_000
/** A token is renewed this long before it expires, or in the last fifth of its life. Camunda's clients take 30 s too. */
const RENEW_BEFORE_MS = 30_000
/** A refused token is replaced at most this often: a wrong audience must not cause a flood of fetches. */
const REPLACE_EVERY_MS = 30_000
/** Pause after a refusal, and the longest pause after other failures. SaaS asks for 30 s as well. */
const LONGEST_BACKOFF_MS = 30_000
const FIRST_BACKOFF_MS = 1_000

export function makeTokenSource({ fetchToken, now, random }: TokenSourceParts): TokenSource {
  const closing = new AbortController()
  let held: { readonly value: string; readonly renewAt: number; readonly endsAt: number } | null = null
  let fetching: Promise<string> | null = null
  let failure: { readonly error: unknown; readonly times: number; readonly until: number } | null = null
  let replacedAt = Number.NEGATIVE_INFINITY

  async function fetchOnce(): Promise<string> {
    try {
      const { value, lifetimeMs } = await fetchToken(closing.signal)
      const lifetime = lifetimeMs ?? UNKNOWN_LIFETIME_MS
      const endsAt = now() + lifetime
      held = { value, endsAt, renewAt: endsAt - Math.min(RENEW_BEFORE_MS, lifetime / 5) }
      failure = null
      return value
    } catch (error) {
      const times = (failure?.times ?? 0) + 1
      const refused = error instanceof TokenError && error.refused
      const longest = refused
        ? LONGEST_BACKOFF_MS
        : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (times - 1))
      failure = { error, times, until: now() + longest * (0.5 + random() / 2) }
      throw error
    } finally {
      fetching = null
    }
  }

  function renew(): Promise<string> {
    fetching ??= fetchOnce()
    return fetching
  }

  const mayFetch = () => failure === null || now() >= failure.until

  return {
    async token() {
      if (held !== null && now() < held.endsAt) {
        const { value, renewAt } = held
        // A failure here is reported once the token has expired.
        if (now() >= renewAt && mayFetch()) renew().catch(() => undefined)
        return value
      }
      if (fetching === null && failure !== null && !mayFetch()) throw failure.error
      return renew()
    },
    refused(token) {
      if (held?.value !== token) return true
      if (now() - replacedAt < REPLACE_EVERY_MS) return false
      replacedAt = now()
      held = null
      return true
    },
    close() {
      closing.abort()
    },
  }
}
