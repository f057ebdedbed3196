// What to do about a Redis that cannot be entered, or that is full. Pure.
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
 * Why Redis cannot be entered, for a person.
 * @param failure The last message of its client; null when there was none: it neither answers nor refuses.
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

/** Whether a command was refused since Redis has no memory left, by itself or within a script. */
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

/** Why a Redis that answers takes no changes, and what to do, for a person. @param refusal what it said. */
export function explainRefusal(refusal: string): string {
  return REFUSALS.find(([pattern]) => pattern.test(refusal))?.[1] ?? `it takes no changes: ${refusal}`
}
