// From whatever the AWS SDK throws to a plain description. Deciding what follows from it is not done here.
import type { CallFailure } from '../job/call-failure.ts'

interface Facts {
  name?: unknown
  message?: unknown
  code?: unknown
  cause?: unknown
  $metadata?: { httpStatusCode?: number; requestId?: string }
  $responseBodyText?: unknown
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

const NETWORK: Readonly<Record<string, CallFailure['network']>> = {
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ERR_HTTP2_STREAM_ERROR: 'reset',
  ERR_HTTP2_SESSION_ERROR: 'reset',
  ERR_HTTP2_GOAWAY_SESSION: 'reset',
  ERR_HTTP2_INVALID_SESSION: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknownHost',
  EAI_AGAIN: 'unknownHost',
  ETIMEDOUT: 'timeout',
  ERR_HTTP2_STREAM_CANCEL: 'other',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'other',
  SELF_SIGNED_CERT_IN_CHAIN: 'other',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'other',
}

/** Describes an error of the AWS SDK (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html). */
export function describeFailure(error: unknown): CallFailure {
  const facts = asFacts(error)
  const name = typeof facts.name === 'string' ? facts.name : 'Error'
  const message = messageOf(facts, error)
  const headers = facts.$response?.headers ?? {}
  const status = facts.$metadata?.httpStatusCode ?? facts.$response?.statusCode
  const requestId = facts.$metadata?.requestId ?? headers['x-amzn-requestid']
  const retryAfterMs = readRetryAfter(headers)
  const network = networkReason(facts)
  const described = {
    name,
    message,
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return { ...described, noCredentials: true }
  }
  if (network !== undefined) {
    if (status === undefined) return { ...described, network }
    if (status < 300) return { ...described, network: 'cut' }
  }
  // Of an answer that went well, whatever is thrown is about reading it.
  if (error instanceof SyntaxError || name === 'SyntaxError' || (status !== undefined && status < 300)) {
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

function messageOf({ message }: Facts, error: unknown): string {
  // The SDK adds advice for programmers.
  if (typeof message === 'string') return message.replace(/\s*Deserialization error: to see the raw .*$/s, '')
  if (typeof message === 'number' || typeof message === 'boolean') return String(message)
  return message === undefined ? String(error) : ''
}

function asFacts(error: unknown): Facts {
  return typeof error === 'object' && error !== null ? (error as Facts) : {}
}

function networkReason(facts: Facts): CallFailure['network'] {
  // HTTP/2 wraps the reason: a refused connection shows as ERR_HTTP2_STREAM_CANCEL with the cause below it.
  for (let depth = 0, at: Facts = facts; depth < 5; depth += 1) {
    const known = typeof at.code === 'string' ? NETWORK[at.code] : undefined
    if (known !== undefined && known !== 'other') return known
    if (at.cause === undefined) return known ?? (at.name === 'TimeoutError' ? 'timeout' : undefined)
    at = asFacts(at.cause)
  }
  return undefined
}

function readRetryAfter(headers: Record<string, string>): number | undefined {
  const ms = Number(headers['x-amz-retry-after'] ?? Number.NaN)
  if (Number.isFinite(ms) && ms >= 0) return ms
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
}
