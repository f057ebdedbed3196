// From a Bedrock call without an answer to the exception that the AWS SDK for Java would have thrown: error expressions match its class
// name, and people search for its text. Pure, from a plain description of the failure.
import type { CallFailure } from '../job/call-failure.ts'
import { type ConnectorError, javaError, SDK_CLIENT } from './connector-error.ts'
import { converseTextFault } from './converse-shape.ts'
import { STREAM, scanJson } from './jackson-json.ts'
import { resendRule } from './resend.ts'

const MODEL = 'software.amazon.awssdk.services.bedrockruntime.model'
// The errors in Bedrock's API model (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
const MODELLED = new Set([
  'AccessDeniedException',
  'ConflictException',
  'InternalServerException',
  'ModelErrorException',
  'ModelNotReadyException',
  'ModelStreamErrorException',
  'ModelTimeoutException',
  'ResourceNotFoundException',
  'ServiceQuotaExceededException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'ValidationException',
])
/** Names the SDK for JavaScript gives an error that AWS did not name. */
const UNNAMED = new Set(['UnknownError', 'Unknown', 'Error', 'SyntaxError', ''])

/**
 * The failure as the diagram sees it.
 * @param sends - how often the request was sent, including this time.
 */
export function awsError(failure: CallFailure, sends: number): ConnectorError {
  const { status = null } = failure
  const retryable = resendRule(failure) !== 'final'
  return { ...asJavaSees(failure, sends), aws: { name: shortName(failure.name), status, retryable } }
}

function asJavaSees(failure: CallFailure, sends: number): ConnectorError {
  const { status, network, unreadable = false } = failure
  if (failure.timedOutAfterMs !== undefined) {
    return javaError(
      'software.amazon.awssdk.core.exception.ApiCallTimeoutException',
      `Client execution did not complete before the specified timeout configuration: ${failure.timedOutAfterMs} millis`,
    )
  }
  if (failure.noCredentials === true) return javaError(SDK_CLIENT, noCredentials(failure.message))
  if (network === 'unknownHost') return javaError(SDK_CLIENT, `${UNKNOWN_HOST}${whereToLook(failure)}`)
  if (failure.name === 'StreamStalled') return javaError(SDK_CLIENT, `${failure.message}${attempts(sends)}`)
  if (network === 'cut')
    return javaError(
      SDK_CLIENT,
      `Unable to unmarshall response (${CUT})${answered(status)}${attempts(sends)}`,
    )
  if (network !== undefined || status === undefined) {
    return javaError(
      SDK_CLIENT,
      `Unable to execute HTTP request: ${networkReason(failure)}${attempts(sends)}${whereToLook(failure)}`,
    )
  }
  if (unreadable && status < 300) {
    return javaError(
      SDK_CLIENT,
      `Unable to unmarshall response (${parseReason(failure)})${answered(status)}${attempts(sends)}`,
    )
  }
  const name = shortName(failure.name)
  const type = `${MODEL}.${MODELLED.has(name) ? name : 'BedrockRuntimeException'}`
  const message = unreadable || isMadeUp(failure) ? unexplained(name, status) : failure.message
  const details = `(Service: BedrockRuntime, Status Code: ${status}, Request ID: ${failure.requestId ?? 'null'})`
  return javaError(type, `${message} ${details}${attempts(sends)}`)
}

// The Java connector speaks HTTP/1.1. Over HTTP/2 an answer breaks off in other ways, with the same meaning.
const CUT =
  'org.apache.http.ConnectionClosedException: Premature end of chunk coded message body: closing chunk expected'

function answered(status: number | undefined): string {
  return `. Response Code: ${status}, Response Text: OK`
}

/** The text for an error without a message. */
function unexplained(name: string, status: number): string {
  return UNNAMED.has(name)
    ? `Service returned HTTP status code ${status}`
    : `Service returned error code ${name}`
}

function attempts(sends: number): string {
  return ` (SDK Attempt Count: ${sends})`
}

/** `ns#ThrottlingException:http://…` becomes `ThrottlingException`. */
function shortName(name: string): string {
  return name.replace(/:.*$/s, '').replace(/^.*#/s, '')
}

function isMadeUp({ name, message }: CallFailure): boolean {
  return message === '' || message === 'UnknownError' || (UNNAMED.has(name) && message === name)
}

const UNKNOWN_HOST =
  'Received an UnknownHostException when attempting to interact with a service. See cause for the exact endpoint that is failing to resolve. If this is happening on an endpoint that previously worked, there may be a network connectivity issue or your DNS cache could be storing endpoints for too long.'

function noCredentials(reason: string): string {
  const chain = [
    'SystemPropertyCredentialsProvider()',
    'EnvironmentVariableCredentialsProvider()',
    'WebIdentityTokenFileCredentialsProvider()',
    'ProfileCredentialsProvider(profileName=default, profileFile=ProfileFile(sections=[]))',
    'ContainerCredentialsProvider()',
    'InstanceProfileCredentialsProvider()',
  ].join(', ')
  return `Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(credentialsProviders=[${chain}]) : [${reason}]`
}

function networkReason({ network, connect, endpoint, message }: CallFailure): string {
  if (connect !== undefined) {
    if (connect !== 'tcp' || endpoint === undefined || (network !== 'refused' && network !== 'timeout'))
      return message
    const how = network === 'refused' ? 'Connection refused' : 'Connect timed out'
    return `Connect to ${endpoint} [/${endpoint.replace(/:\d+$/, '')}] failed: ${how}`
  }
  if (network === 'reset') return 'The target server failed to respond'
  if (network === 'timeout') return 'Read timed out'
  return network === 'refused' ? 'Connection refused' : message
}

/** Appended to the text that error expressions match, to show people at which step it failed. */
function whereToLook(failure: CallFailure): string {
  const { connect, message, network } = failure
  if (connect === undefined) return ''
  if (network === 'unknownHost') return ` ${message}`
  return networkReason(failure) === message ? '' : `. ${message}`
}

const JACKSON = 'software.amazon.awssdk.thirdparty.jackson.core'

function parseReason({ body, message }: CallFailure): string {
  // Without the body, the JavaScript parser's message still names the character it failed at.
  const scanned = scanJson(body ?? /^Unexpected token '(.+?)',/s.exec(message)?.[1] ?? '', STREAM)
  if (scanned.ok) return converseTextFault(body ?? '') ?? `${JACKSON}.JsonParseException: ${message}`
  const { fault } = scanned
  const type = fault.endOfInput ? `${JACKSON}.io.JsonEOFException` : `${JACKSON}.JsonParseException`
  return `${type}: ${fault.message}\n at [Source: ${STREAM}; line: ${fault.line}, column: ${fault.column}]`
}
