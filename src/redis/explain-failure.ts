// What to do about a Redis that refuses connections or changes. Pure.
import type { RedisTarget } from './redis-target.ts'

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^NOAUTH/, 'it asks for a password: set QUARRY_REDIS_PASSWORD, or put it into REDIS_URL (NOAUTH)'],
  [
    /^WRONGPASS/,
    'it refuses user or password: check QUARRY_REDIS_USERNAME and QUARRY_REDIS_PASSWORD, or those in REDIS_URL (WRONGPASS)',
  ],
  [
    /certificate|CERT_|ERR_TLS/i,
    'its certificate is not trusted: QUARRY_REDIS_CA_FILE names the authority that signed it, QUARRY_REDIS_TLS_SERVER_NAME the name in it',
  ],
]

const NO_TLS_THERE = 'no answer. Does it speak TLS on that port? An address without TLS begins with redis://'
const TLS_THERE = 'Does it speak TLS there? Its address then begins with rediss://'

/**
 * Why a connection to Redis fails, for a person.
 * @param failure The client's last error message; null if there was none, since Redis neither answered nor refused.
 */
export function explainRedisFailure(failure: string | null, { tls }: Pick<RedisTarget, 'tls'>): string {
  if (failure === null) return tls === null ? 'no answer' : NO_TLS_THERE
  const [, remedy] = REMEDIES.find(([pattern]) => pattern.test(failure)) ?? []
  if (remedy !== undefined) return /^[A-Z]+ /.test(failure) ? remedy : `${remedy} (${failure})`
  return tls === null && failure.includes('ECONNRESET') ? `${failure}. ${TLS_THERE}` : failure
}

/** What to do about a Redis that {@link isFull}. */
export const FULL =
  'is full (maxmemory) and takes no changes. Raise maxmemory, or see what else lies there; `quarry doctor` tells how full it is.'

/** Whether a command, alone or in a script, was refused because Redis has no memory left. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && error.message.includes('OOM command not allowed')
}

const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/\bOOM\b/, `it ${FULL}`],
  [
    /\bREADONLY\b/,
    'it is a replica and takes no changes (READONLY). Give the address of its master, or of the Sentinels.',
  ],
  [
    /\bMISCONF\b/,
    'it cannot save to its disk and takes no changes (MISCONF). Look at its log, and at the room on its disk.',
  ],
  [
    /\bNOREPLICAS\b/,
    'it lacks the replicas that it wants and takes no changes (NOREPLICAS). See its min-replicas-to-write.',
  ],
  [/\bLOADING\b/, 'it is loading its data (LOADING), and answers once it has.'],
]

/** Why a Redis that answers refuses changes, and what to do, for a person. @param refusal its error message. */
export function explainRefusal(refusal: string): string {
  return REFUSALS.find(([pattern]) => pattern.test(refusal))?.[1] ?? `it takes no changes: ${refusal}`
}
