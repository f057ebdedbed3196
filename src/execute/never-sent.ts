// The failure of a job that waited for its turn until its patience ended. Pure.
import { type ConnectorError, javaError, SDK_CLIENT } from '../connector/connector-error.ts'
import { formatDuration } from '../job/duration.ts'
import type { Lane } from '../job/lane.ts'

const THROTTLING = 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException'

/** Error expressions know a throttle by this part of AWS's message. */
const AS_THROTTLED = 'It counts as throttled (Status Code: 429).'

export interface Unsent {
  readonly lane: Lane
  /** The lane's configured limit; null where it has none. */
  readonly requestsPerMinute: number | null
  /** Whether any worker serves the lane. */
  readonly served: boolean
  /** Why the lane gets no answers of Bedrock; null when it gets them. */
  readonly outage: string | null
  readonly waitedMs: number
  /** What bounds the wait, and its value. */
  readonly allowedBy: string
}

/**
 * Throttled by type, so that diagrams and people treat it as what it is: too much work for the quota; in an outage by the
 * type of a call that reaches nobody. The message says that nothing was called, and why.
 */
export function neverSentError(unsent: Unsent): ConnectorError {
  const { lane, waitedMs, allowedBy } = unsent
  const waited = formatDuration(Math.round(waitedMs / 1_000) * 1_000)
  const message = `Never sent to Bedrock, nothing was called or billed: the job waited ${waited} for its turn to call model ${lane.model} in region ${lane.region}, longer than ${allowedBy} allows, because ${why(unsent).replace(/\.$/, '')}.`
  if (unsent.served && unsent.outage !== null) return javaError(SDK_CLIENT, message)
  return javaError(THROTTLING, `${message} ${AS_THROTTLED}`)
}

function why({ lane, requestsPerMinute, served, outage }: Unsent): string {
  if (!served) return `no Quarry worker serves region ${lane.region} (see QUARRY_REGIONS)`
  if (outage !== null) return `its lane gets no answers of Bedrock: ${outage}`
  if (requestsPerMinute === null) return 'the jobs ahead of it kept all places of its lane busy'
  return `the jobs ahead of it used up what its lane may send (requests per minute: ${requestsPerMinute})`
}
