// The inputs of `authentication` that the stock connector has not: session token, API key, role. Pure. Messages never repeat a secret.

import { type Credential, roleAccount, SESSION_NAME } from '../job/credential.ts'
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { sessionTagFault } from '../job/session-tags.ts'
import { trim } from './java-text.ts'
import { isGiven } from './own-inputs.ts'

const NAMES = ['sessionToken', 'apiKey', 'roleArn', 'externalId', 'sessionTags'] as const
type OwnName = (typeof NAMES)[number]

/** Those that a task gives, not yet checked. */
export type OwnAuthentication = { readonly [Name in OwnName]?: JsonValue }

export const NO_OWN_AUTHENTICATION: OwnAuthentication = {}

/** Blank and null values count as absent, as for all inputs of Quarry's own. */
export function ownAuthentication(properties: JsonObject): OwnAuthentication {
  const given = NAMES.flatMap((name) => {
    const value = Object.hasOwn(properties, name) ? (properties[name] ?? null) : null
    return isGiven(value) ? [[name, value] as const] : []
  })
  return given.length === 0 ? NO_OWN_AUTHENTICATION : Object.fromEntries(given)
}

type Kind = 'chain' | 'static' | 'apiKey'

/** Which of them each kind of credentials takes. */
const TAKES: Readonly<Record<Kind, readonly OwnName[]>> = {
  chain: ['roleArn', 'externalId', 'sessionTags'],
  static: ['sessionToken', 'roleArn', 'externalId', 'sessionTags'],
  apiKey: ['apiKey'],
}
const USED_WITH: Readonly<Record<OwnName, string>> = {
  sessionToken: 'access keys (authentication.type: credentials)',
  apiKey: 'authentication.type: apiKey',
  roleArn: 'access keys or the default credentials chain',
  externalId: 'access keys or the default credentials chain',
  sessionTags: 'access keys or the default credentials chain',
}

/** `name: reason` for each wrong value or combination. */
export function ownAuthenticationFaults(kind: Kind, own: OwnAuthentication): readonly string[] {
  if (kind === 'apiKey' && own.apiKey === undefined) return ['apiKey: must not be blank']
  const faults: string[] = []
  for (const name of NAMES) {
    const value = own[name]
    if (value === undefined) continue
    if (!TAKES[kind].includes(name)) faults.push(`${name}: is only used with ${USED_WITH[name]}`)
    else if ((name === 'externalId' || name === 'sessionTags') && own.roleArn === undefined)
      faults.push(`${name}: is only used with roleArn`)
    else {
      const fault = FAULTS[name](value)
      if (fault !== null) faults.push(`${name}: ${fault}`)
    }
  }
  return faults
}

// Limits of AWS STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const TOKEN = /^[\x21-\x7e]{1,65536}$/
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/
const MOST_TAGS = 50

const FAULTS: Readonly<Record<OwnName, (value: JsonValue) => string | null>> = {
  sessionToken: tokenFault,
  apiKey: tokenFault,
  roleArn: (value) =>
    roleAccount(textOf(value) ?? '') === null
      ? 'must be the ARN of an IAM role, such as arn:aws:iam::123456789012:role/bedrock'
      : null,
  externalId: (value) =>
    EXTERNAL_ID.test(textOf(value) ?? '')
      ? null
      : 'must be a text of 2 to 1224 of the characters that AWS allows',
  sessionTags(value) {
    if (!isJsonObject(value)) return 'must be an object of texts'
    const tags = Object.entries(value)
    if (tags.length > MOST_TAGS) return `must have at most ${MOST_TAGS} members`
    for (const [name, item] of tags) {
      const text = textOf(item)
      if (text === null) return 'must be an object of texts'
      const fault = sessionTagFault(name, text)
      if (fault !== null) return fault
    }
    return null
  },
}

function tokenFault(value: JsonValue): string | null {
  return typeof value === 'string' && TOKEN.test(trim(value)) ? null : 'must be a text without blanks'
}

function textOf(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return trim(value)
  if (typeof value === 'boolean') return String(value)
  return value === undefined ? null : numberText(value)
}

/**
 * The credential of a task. Wrong values are left out: {@link ownAuthenticationFaults} has refused such a task.
 * @param keys - null for those of the default chain.
 */
export function ownCredential(
  keys: { readonly accessKey: string; readonly secretKey: string } | null,
  own: OwnAuthentication,
): Credential {
  const sessionToken = textOf(own.sessionToken)
  const by =
    keys === null
      ? ({ kind: 'chain' } as const)
      : ({ kind: 'static', ...keys, ...(sessionToken === null ? {} : { sessionToken }) } as const)
  const roleArn = textOf(own.roleArn)
  if (roleArn === null) return by
  const externalId = textOf(own.externalId)
  const tags = isJsonObject(own.sessionTags ?? null) ? Object.entries(own.sessionTags as JsonObject) : []
  return {
    kind: 'role',
    roleArn,
    ...(externalId === null ? {} : { externalId }),
    sessionName: SESSION_NAME,
    sessionTags: Object.fromEntries(tags.map(([name, value]) => [name, textOf(value) ?? ''])),
    by,
    namedBy: 'task',
  }
}

/** The API key of a task. */
export function ownApiKey({ apiKey }: OwnAuthentication): Credential {
  return { kind: 'apiKey', apiKey: textOf(apiKey) ?? '' }
}

/** The secrets among them, to be masked wherever a task wrote them. */
export function ownSecrets(credential: Credential): readonly string[] {
  if (credential.kind === 'apiKey') return [credential.apiKey]
  const keys = credential.kind === 'role' ? credential.by : credential
  return keys.kind === 'static' && keys.sessionToken !== undefined ? [keys.sessionToken] : []
}
