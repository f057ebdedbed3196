// From a failure of the connector to what Zeebe is told: retries, backoff, message, and the variables that tell the
// diagram. Pure.

import { stringifyJson } from '../job/json.ts'
import type { Failed } from '../job/outcome.ts'
import type { Compatibility } from './compatibility.ts'
import type { ConnectorError } from './connector-error.ts'
import { type Headers, retryBackoffMs } from './headers.ts'

/** Longest message the runtime sends: it keeps huge ones from Zeebe. */
const LONGEST_MESSAGE = 6000

/**
 * The failure of a job: an input error takes all retries, any other one.
 * @param retries - what the job had left when it was activated.
 */
export function failureOutcome(
  error: ConnectorError,
  { retries, headers, compatibility }: { retries: number; headers: Headers; compatibility: Compatibility },
): Failed {
  const message = error.message.slice(0, LONGEST_MESSAGE)
  const suffix =
    compatibility === '8.8' ? '' : ` | Error variables: {error={message=${message}, type=${error.type}}}`
  return {
    kind: 'failed',
    retries: error.input ? 0 : Math.max(retries - 1, 0),
    retryBackoffMs: retryBackoffMs(headers),
    errorMessage: `${error.message}${suffix}`.slice(0, LONGEST_MESSAGE),
    variables: stringifyJson({ error: { message, type: error.type } }),
  }
}
