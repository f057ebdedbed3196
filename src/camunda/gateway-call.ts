// A call to the gateway, and the text of its failure: what failed, where, why, and what to do. Variables never get into a message.
import { type ServiceError, status as statusCodes } from '@grpc/grpc-js'
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader'
import { classifyStatus, tenantFailure } from './classify-status.ts'
import { GatewayError } from './gateway-error.ts'
import { connectionFailure } from './tls-failure.ts'

/** One call. */
export interface GatewayCall {
  /** Its name in the protocol. */
  readonly method: string
  readonly request: object
  /** The subject for errors, such as `job 2251799813685249`. */
  readonly about: string
  /** Tenants whose jobs are asked for. */
  readonly tenantIds?: readonly string[]
}

/** Makes the errors of calls to one address. */
export interface CallErrors {
  /** The gateway, or the way to it, refused the call. */
  failed(call: GatewayCall, error: Pick<ServiceError, 'code' | 'details' | 'metadata'>): GatewayError
  /** This process gave the call up. */
  aborted(call: GatewayCall): GatewayError
  /** There is no token for the call. */
  unauthorized(call: GatewayCall, cause: unknown): GatewayError
  /** An error in this process ended the call. */
  broken(call: GatewayCall, cause: unknown): GatewayError
  /** No connection could be made, for the given reason. */
  unreachable(call: GatewayCall, reason: string): GatewayError
}

const CREDENTIALS_HINT = 'Check the credentials for Camunda.'
const HINTS: Readonly<Record<string, string>> = {
  UNAVAILABLE: 'Check that the gateway is up and the address right.',
  UNAUTHENTICATED: CREDENTIALS_HINT,
  PERMISSION_DENIED: 'Check what the client may do in Camunda.',
}
const TOO_LARGE_HINT = 'Make it smaller, or raise maxMessageSize of the gateway and the brokers.'

/** @param target - `host:port` of the gateway */
export function makeCallErrors(target: string): CallErrors {
  const name = (call: GatewayCall) => `${call.method} of ${call.about} at ${target}`
  return {
    // The gRPC error is not passed on as the cause, because its text repeats the details uncut.
    failed(call, error) {
      const status = statusCodes[error.code] ?? 'UNKNOWN'
      const text = statusText(error)
      const disposition = classifyStatus(status, text)
      const failed = `${name(call)} failed: ${status}: `
      const reason = status === 'UNAVAILABLE' ? connectionFailure(new Error(text)) : null
      if (reason !== null) return new GatewayError(`${failed}${reason}`, { disposition, status })
      const tenants = call.tenantIds === undefined ? null : tenantFailure(text, call.tenantIds)
      const hint = tenants ?? (disposition === 'tooLarge' ? TOO_LARGE_HINT : HINTS[status])
      const message = `${failed}${withoutSource(text)}`
      return new GatewayError(hint === undefined ? message : `${message} ${hint}`, { disposition, status })
    },
    aborted: (call) =>
      new GatewayError(`${name(call)} was cancelled by this process.`, {
        disposition: 'aborted',
        status: 'CANCELLED',
      }),
    unauthorized(call, cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `${name(call)} was not sent, there is no token: ${reason} ${CREDENTIALS_HINT}`
      return new GatewayError(message, { disposition: 'later', status: 'UNAUTHENTICATED', cause })
    },
    unreachable: (call, reason) =>
      new GatewayError(`${name(call)} failed: UNAVAILABLE: ${reason}`, {
        disposition: 'later',
        status: 'UNAVAILABLE',
      }),
    broken: (call, cause) =>
      new GatewayError(`${name(call)} was ended by an error in this process: see the cause.`, {
        disposition: 'later',
        status: 'INTERNAL',
        cause,
      }),
  }
}

/** Cuts off the excerpt of the offending variables that the gateway's JSON parser adds to its complaints. */
function withoutSource(details: string): string {
  const text = details
    .replace(/\s*(?:at )?\[Source:.*$/s, '')
    .replace(/\.? Resolution note: ?\.?$/, '')
    .slice(0, 500)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

const DETAILS = 'grpc-status-details-bin'
const STATUS = fromJSON({
  nested: {
    Status: { fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } } },
  },
})['Status'] as MessageTypeDefinition<object, { readonly message?: string }>

/**
 * The text of a failed call; empty if the gateway sent none. Never throws. A rejection without a reason ends in a blank (`… rejected with code
 * 'EXCEEDED_BATCH_RECORD_SIZE': `), and Node's HTTP/2 drops a header that does, and the text with it. The gateway sends the same text in the
 * status details too.
 */
function statusText({ details, metadata }: Pick<ServiceError, 'details' | 'metadata'>): string {
  if (details !== '') return details
  const [bytes] = metadata.get(DETAILS)
  if (!Buffer.isBuffer(bytes)) return ''
  try {
    return (STATUS.deserialize(bytes).message ?? '').replace(/[\s:]+$/, '')
  } catch {
    return ''
  }
}
