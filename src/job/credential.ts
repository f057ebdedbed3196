// The credentials of a call, and their names. Holds secrets: never logged. Pure.
import { createHash } from 'node:crypto'

/** What signs a call, or proves who sends it. */
export type Credential = Chain | StaticKeys | AssumedRole | ApiKey | StoredApiKey | Profile | WebIdentity

/** The worker's own credentials, by the default chain of the AWS SDK. */
export interface Chain {
  readonly kind: 'chain'
}

/** Keys that the diagram gives. */
export interface StaticKeys {
  readonly kind: 'static'
  readonly accessKey: string
  readonly secretKey: string
  /** Of temporary keys. */
  readonly sessionToken?: string
}

/** A role that is assumed by AWS STS. */
export interface AssumedRole {
  readonly kind: 'role'
  readonly roleArn: string
  readonly externalId?: string
  readonly sessionName: string
  readonly sessionTags: Readonly<Record<string, string>>
  /** What STS is asked with. */
  readonly by: Chain | StaticKeys
  readonly namedBy: 'task' | 'rule'
}

/** A Bedrock API key that the diagram gives. */
export interface ApiKey {
  readonly kind: 'apiKey'
  readonly apiKey: string
}

/** A Bedrock API key of the worker: an environment variable or a file has it. */
export interface StoredApiKey {
  readonly kind: 'storedApiKey'
  readonly from: { readonly env: string } | { readonly file: string }
  /** The AWS account of the key, as the operator knows it. */
  readonly account?: string
}

/** A profile of the worker's AWS configuration. */
export interface Profile {
  readonly kind: 'profile'
  readonly profile: string
}

/** A role that is assumed with a token of an identity provider. */
export interface WebIdentity {
  readonly kind: 'webIdentity'
  readonly roleArn: string
  readonly tokenFile: string
  readonly sessionName: string
}

/** Credentials that cannot be had. */
export interface FailingCredential {
  /** Its name: no secret. */
  readonly credential: string
  readonly reason: string
}

/** In CloudTrail, unless a rule names another. */
export const SESSION_NAME = 'quarry'

/** Hash of the whole credential and the place where it is used. */
export function credentialHash(credential: Credential, where: string): string {
  if (credential.kind === 'chain') return `chain ${where}`
  return createHash('sha256')
    .update(`${where}\n${JSON.stringify(credential)}`)
    .digest('base64')
}

/**
 * What a credential is called where its secrets are unknown or must not appear: the access key, or `kind:…`. Null for the worker's own. Proves
 * nothing of who uses it.
 */
export function credentialName(credential: Credential): string | null {
  switch (credential.kind) {
    case 'chain':
      return null
    case 'static':
      return credential.accessKey
    case 'role':
      return `role:${credential.roleArn}`
    case 'webIdentity':
      return `web-identity:${credential.roleArn}`
    case 'profile':
      return `profile:${credential.profile}`
    case 'apiKey':
      return `api-key:${createHash('sha256').update(credential.apiKey).digest('hex').slice(0, 32)}`
    case 'storedApiKey':
      return 'env' in credential.from
        ? `api-key:env ${credential.from.env}`
        : `api-key:file ${credential.from.file}`
  }
}

/** `partition`, then the account; AWS's own limits of the name and the whole. */
const ROLE_ARN = /^arn:aws[a-z0-9-]*:iam::(\d{12}):role\/[\w+=,.@/-]{1,576}$/

/** The account that an ARN of a role names; null if the text is none. */
export function roleAccount(roleArn: string): string | null {
  return ROLE_ARN.exec(roleArn)?.[1] ?? null
}

/**
 * The account that an operator gave a credential. A session of a role uses the quotas of the account in the role's ARN, so AWS need not be
 * asked. Null: ask AWS. For a role that a task names, AWS must first let it be assumed.
 */
export function givenAccount(credential: Credential): string | null {
  switch (credential.kind) {
    case 'role':
      return credential.namedBy === 'rule' ? roleAccount(credential.roleArn) : null
    case 'webIdentity':
      return roleAccount(credential.roleArn)
    case 'storedApiKey':
      return credential.account ?? null
    default:
      return null
  }
}

/** Whether a call is sent with a bearer token, and not signed. */
export function isApiKey(credential: Credential): credential is ApiKey | StoredApiKey {
  return credential.kind === 'apiKey' || credential.kind === 'storedApiKey'
}
