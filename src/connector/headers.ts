// The task headers that the connector reads, and the check that precedes any call. Pure.
import { parseDuration } from '../job/duration.ts'
import { MAX_WAIT_HEADER, readMaxWait } from '../job/max-wait.ts'
import type { Headers } from '../job/task-headers.ts'
import { type Compatibility, readsNewTemplates } from './compatibility.ts'
import { type ConnectorError, inputError } from './connector-error.ts'
import { isBlank } from './java-text.ts'

const ERROR = 'io.camunda.connector.runtime.core.error'

/**
 * What is wrong with the headers, or null. A job with invalid headers is failed without a call and without retries. An empty header counts
 * as missing: the engine does not even send it.
 */
export function checkHeaders(headers: Headers, compatibility: Compatibility): ConnectorError | null {
  const { retryBackoff = '', jobTimeout = '', [MAX_WAIT_HEADER]: maxWait } = headers
  if (retryBackoff !== '' && parseDuration(retryBackoff) === null) {
    const message = `Failed to parse retry backoff header. Expected ISO-8601 duration, e.g. PT5M, got: ${retryBackoff}`
    return wrongHeader('InvalidBackOffDurationException', message)
  }
  if (readMaxWait(maxWait) === 'wrong') {
    const message = `Task header ${MAX_WAIT_HEADER} must be a positive ISO-8601 duration, e.g. PT30S, got: ${maxWait}`
    return { ...inputError(message), retryBackoffMs: 0 }
  }
  if (!readsNewTemplates(compatibility) || isBlank(jobTimeout)) return null
  const timeoutMs = parseDuration(jobTimeout)
  if (timeoutMs !== null && timeoutMs > 0) return null
  const message =
    timeoutMs === null
      ? `Failed to parse job timeout header. Expected ISO-8601 duration, e.g. PT10M, got: ${jobTimeout}`
      : `Job timeout must be a positive duration, got: ${jobTimeout}`
  return wrongHeader('InvalidJobTimeoutException', message)
}

/** No retries and no backoff, not even the one of a valid header beside it (contract 3.6). */
function wrongHeader(exception: string, message: string): ConnectorError {
  return { type: `${ERROR}.${exception}`, message, input: true, retryBackoffMs: 0 }
}

/**
 * Header `jobTimeout` in ms (template version 6 and later): Zeebe's timeout of the job, and the limit of its call. Null if it is missing,
 * or invalid, so that {@link checkHeaders} fails the job.
 */
export function jobTimeoutMs({ jobTimeout = '' }: Headers, compatibility: Compatibility): number | null {
  const timeoutMs = readsNewTemplates(compatibility) ? parseDuration(jobTimeout) : null
  return timeoutMs !== null && timeoutMs > 0 ? timeoutMs : null
}

/** Header `retryBackoff` in ms; 0 if it is missing or invalid. Negative values stay negative. */
export function retryBackoffMs({ retryBackoff = '' }: Headers): number {
  return parseDuration(retryBackoff) ?? 0
}
