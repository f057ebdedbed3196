// Turns whatever the AWS SDK throws into a plain description. Does not decide what follows from it.
import type { CallFailure, ConnectStep } from '../job/call-failure.ts'

type Network = NonNullable<CallFailure['network']>

/** What an error of our own connections carries, besides its message for people. */
export interface ConnectionFacts {
  readonly network?: Network
  readonly connect?: ConnectStep
  readonly endpoint?: string
  readonly unprocessed?: boolean
  /** The connection did not take the request, and never would. */
  readonly beforeSending?: boolean
}

interface Facts extends Partial<Record<keyof ConnectionFacts, unknown>> {
  name?: unknown
  message?: unknown
  code?: unknown
  errno?: unknown
  cause?: unknown
  errors?: unknown
  $metadata?: { httpStatusCode?: number; requestId?: string }
  $responseBodyText?: unknown
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

/** Name of the failure for an answer that is too large to hold in memory: the same call would fail the same way. */
export const ANSWER_TOO_LARGE = 'AnswerTooLarge'

/** Codes with a known reason. An error with no known code and no answer still counts as a network failure. */
const REASONS: Readonly<Record<string, Network>> = {
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ERR_HTTP2_ERROR: 'reset',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_GOAWAY_SESSION: 'reset',
  ERR_HTTP2_INVALID_SESSION: 'reset',
  ERR_HTTP2_PING_CANCEL: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  UND_ERR_INFO: 'reset',
  UND_ERR_SOCKET: 'reset',
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'unknownHost',
  EAI_FAIL: 'unknownHost',
  EAI_NODATA: 'unknownHost',
  EAI_NONAME: 'unknownHost',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
}

const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'TokenProviderError'])

/**
 * Describes an error of the AWS SDK (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html). An error without an answer
 * of AWS is a network failure, whatever its code, unless it concerns credentials or `handed` is false. The caller must know itself whether
 * it ended the call.
 * @param handed - whether the request had reached the connection. An error before that, unless the system refused something, is a fault of
 * the request or of the configuration.
 */
export function describeFailure(error: unknown, handed = true): CallFailure {
  const facts = asFacts(error)
  const name = typeof facts.name === 'string' ? facts.name : 'Error'
  const message = messageOf(facts, error)
  const headers = facts.$response?.headers ?? {}
  const status = facts.$metadata?.httpStatusCode ?? facts.$response?.statusCode
  const requestId = facts.$metadata?.requestId ?? headers['x-amzn-requestid']
  const retryAfterMs = readRetryAfter(headers)
  const described = {
    name,
    message,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...placeOf(facts),
  }
  if (NO_CREDENTIALS.has(name)) return { ...described, noCredentials: true }
  const reason = networkReason(facts)
  if (status === undefined) {
    if (facts.beforeSending === true || (!handed && reason === undefined && !isOfSystem(facts)))
      return { ...described, beforeSending: true }
    return { ...described, network: reason ?? (name === 'TimeoutError' ? 'timeout' : 'other') }
  }
  if (name === ANSWER_TOO_LARGE) return described
  if (reason !== undefined && status < 300) return { ...described, network: 'cut' }
  // After a successful status, any error is about reading the answer.
  if (error instanceof SyntaxError || name === 'SyntaxError' || status < 300) {
    const body = facts.$responseBodyText
    const told = headers['x-amzn-errortype']
    return {
      ...described,
      ...(told === undefined ? {} : { name: told }),
      unreadable: true,
      ...(typeof body === 'string' ? { body } : {}),
    }
  }
  return described
}

function placeOf({ connect, endpoint, unprocessed }: Facts): Partial<CallFailure> {
  return {
    ...(isStep(connect) ? { connect } : {}),
    ...(typeof endpoint === 'string' ? { endpoint } : {}),
    ...(unprocessed === true ? { unprocessed } : {}),
  }
}

function isStep(value: unknown): value is ConnectStep {
  return value === 'lookup' || value === 'tcp' || value === 'proxy' || value === 'tls'
}

function messageOf({ message }: Facts, error: unknown): string {
  // The SDK appends advice for programmers.
  if (typeof message === 'string') return message.replace(/\s*Deserialization error: to see the raw .*$/s, '')
  if (typeof message === 'number' || typeof message === 'boolean') return String(message)
  return message === undefined ? String(error) : ''
}

function asFacts(error: unknown): Facts {
  return typeof error === 'object' && error !== null ? (error as Facts) : {}
}

/** The outermost known reason in a chain of causes. Undefined: nothing points to the network. */
function networkReason(facts: Facts): Network | undefined {
  for (let depth = 0, at: Facts = facts; depth < 5; depth += 1) {
    const known = isReason(at.network) ? at.network : REASONS[String(at.code)]
    // HTTP/2 wraps the reason: a refused connection shows as ERR_HTTP2_STREAM_CANCEL with the cause below it.
    if (known !== undefined) return known
    const below: unknown = at.cause ?? (Array.isArray(at.errors) ? at.errors[0] : undefined)
    if (below === undefined) return undefined
    at = asFacts(below)
  }
  return undefined
}

const NAMES: readonly Network[] = ['reset', 'refused', 'unknownHost', 'timeout', 'cut', 'other']

function isReason(value: unknown): value is Network {
  return NAMES.some((name) => name === value)
}

/** Whether the system refused something, such as a file or one more socket: a retry may succeed. */
function isOfSystem({ code, errno }: Facts): boolean {
  return (
    typeof errno === 'number' || (typeof code === 'string' && /^(E[A-Z]+|ERR_(SSL|TLS|HTTP2)_.+)$/.test(code))
  )
}

function readRetryAfter(headers: Record<string, string>): number | undefined {
  const ms = Number(headers['x-amz-retry-after'] ?? Number.NaN)
  if (Number.isFinite(ms) && ms >= 0) return ms
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
}
