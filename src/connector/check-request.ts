// Bean validation, and then what fails in Java between validation and the call: the same checks in the same order, so that of several
// faults a user sees the same one as with the Java connector. Pure.
import { contentItems } from '../bedrock/content-block.ts'
import { isPromptArn } from '../bedrock/converse-body.ts'
import type { Credential } from '../job/credential.ts'
import type { ConverseData, RequestData } from './bind-data.ts'
import type { Authentication, BoundVariables } from './bind-variables.ts'
import type { Compatibility } from './compatibility.ts'
import {
  type ConnectorError,
  ILLEGAL_ARGUMENT,
  inputError,
  javaError,
  NULL_POINTER,
  SDK_CLIENT,
} from './connector-error.ts'
import { isBlank, trim } from './java-text.ts'
import { ownApiKey, ownAuthenticationFaults, ownCredential } from './own-credentials.ts'

type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ConnectorError }

/** The credential and the region that apply, with a reusable credential taken into account. */
interface Effective {
  readonly authentication: Authentication | null
  readonly region: string | null
  readonly endpoint: string | null
  /** False if neither a configuration nor a reusable credential was given. */
  readonly configured: boolean
}

/**
 * A reusable credential (`awsCredential`, 8.10) replaces the inline keys and has a default region; an inline region takes precedence over
 * it.
 */
export function effective(bound: BoundVariables): Effective {
  const { authentication, configuration, awsCredential } = bound
  const endpoint = configuration?.endpoint ?? null
  const inline = configuration?.region ?? null
  if (awsCredential === null)
    return { authentication, region: inline, endpoint, configured: configuration !== null }
  const region = inline === null || isBlank(inline) ? awsCredential.region : inline
  return { authentication: awsCredential.authentication, region, endpoint, configured: true }
}

/** Bean validation: one line per violation; null if there is none. */
export function violations(
  bound: BoundVariables,
  compatibility: Compatibility,
  saas: boolean,
): ConnectorError | null {
  const { authentication, region } = effective(bound)
  const at = bound.awsCredential === null ? 'authentication' : 'awsCredential.authentication'
  const lines = [
    ...authenticationLines(authentication, at, compatibility),
    ...(saas && authentication?.kind === 'chain'
      ? [line('defaultCredentialsChainUsedInSaaS', 'must be false')]
      : []),
    ...(bound.awsCredential !== null && notBlank(region) ? [line('awsCredential.region', NOT_BLANK)] : []),
    ...dataLines(bound.data),
  ]
  if (lines.length === 0) return null
  return inputError(
    `jakarta.validation.ValidationException: Found constraints violated while validating input: \n${lines.join('\n')}`,
  )
}

const NOT_NULL = 'must not be null'
const NOT_BLANK = 'must not be blank'

function line(property: string, message: string): string {
  return ` - Property: ${property}: Validation failed. Original message: ${message}`
}

function notBlank(value: string | null): boolean {
  return value === null || trim(value) === ''
}

function authenticationLines(
  authentication: Authentication | null,
  at: string,
  compatibility: Compatibility,
): string[] {
  if (authentication === null) {
    return compatibility === '8.10'
      ? [line('authenticationPresent', 'Authentication is required')]
      : [line('authentication', NOT_NULL)]
  }
  if (authentication.kind !== 'static') return []
  const { accessKey, secretKey } = authentication
  return [
    ...(notBlank(accessKey) ? [line(`${at}.accessKey`, NOT_BLANK)] : []),
    ...(notBlank(secretKey) ? [line(`${at}.secretKey`, NOT_BLANK)] : []),
  ]
}

function dataLines(data: RequestData | null): string[] {
  if (data === null) return [line('data', NOT_NULL)]
  if (data.action === 'applyGuardrail' || data.action === 'invokeGuardrailChecks') return []
  const modelId = data.modelId === null ? [line('data.modelId', NOT_NULL)] : []
  switch (data.action) {
    case 'invokeModel':
      return data.payload === null && data.file === null
        ? [...modelId, line('data.payload', NOT_NULL)]
        : modelId
    case 'countTokens':
      return modelId
    case 'converse':
      return notBlank(data.newMessage) && !hasOtherContent(data)
        ? [...modelId, line('data.newMessage', NOT_BLANK)]
        : modelId
  }
}

/** Whether a request without a text has something to say: content of its own, or a prompt of AWS's Prompt management. */
function hasOtherContent({ modelId, own: { given } }: ConverseData): boolean {
  if (modelId !== null && isPromptArn(modelId) && Object.keys(given).length > 0) return true
  const lists = [...contentItems(given['toolResults']), ...contentItems(given['newContent'])]
  return lists.length > 0
}

/** Wrong values and combinations of the inputs that the stock connector has not; null if there are none. Call it after validation. */
export function credentialFaults(bound: BoundVariables): ConnectorError | null {
  const { authentication } = effective(bound)
  if (authentication === null) return null
  const at = bound.awsCredential === null ? 'authentication' : 'awsCredential.authentication'
  const faults = ownAuthenticationFaults(authentication.kind, authentication.own)
  if (faults.length === 0) return null
  return inputError(`Nothing was sent to Bedrock: ${faults.map((fault) => `${at}.${fault}`).join('; ')}`)
}

/** The keys as the AWS SDK takes them, trimmed. Call it after validation. */
export function credentialsOf(authentication: Authentication | null): Credential {
  if (authentication === null) return { kind: 'chain' }
  const { own } = authentication
  if (authentication.kind !== 'static')
    return authentication.kind === 'apiKey' ? ownApiKey(own) : ownCredential(null, own)
  const accessKey = trim(authentication.accessKey ?? '')
  return ownCredential({ accessKey, secretKey: trim(authentication.secretKey ?? '') }, own)
}

// RFC 1123: valid between the dots of `bedrock-runtime.<region>.amazonaws.com`.
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

/** Whether the text can be the region in a host name, and cannot lead to another host. */
function isHostLabel(region: string): boolean {
  return HOST_LABEL.test(region)
}

/** The region, or why there is none. A valid region cannot lead a request to another host. */
export function checkRegion(
  { region, configured }: Effective,
  compatibility: Compatibility,
): Checked<string> {
  if (region === null) return { ok: false, error: noRegion(configured, compatibility) }
  if (isBlank(region)) {
    return { ok: false, error: javaError(ILLEGAL_ARGUMENT, 'region must not be blank or empty.') }
  }
  if (isHostLabel(region)) return { ok: true, value: region }
  const shown = encodeURIComponent(region.toWellFormed())
  const message = `Configured region (${shown}) and tags ([]) resulted in an invalid URI: https://bedrock-runtime.${shown}.amazonaws.com. This is usually caused by an invalid region configuration.`
  return { ok: false, error: javaError(SDK_CLIENT, message) }
}

function noRegion(configured: boolean, compatibility: Compatibility): ConnectorError {
  if (compatibility === '8.10') {
    const message =
      "Unable to load region from any of the providers in the chain: set the task's input configuration.region."
    return javaError(SDK_CLIENT, message)
  }
  if (configured) return javaError(NULL_POINTER, 'region must not be null.')
  const message =
    'Cannot invoke "io.camunda.connector.aws.model.impl.AwsBaseConfiguration.region()" because the return value of "io.camunda.connector.aws.bedrock.model.BedrockRequest.getConfiguration()" is null'
  return javaError(NULL_POINTER, message)
}
