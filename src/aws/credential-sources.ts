// What signs a call, by the providers of the AWS SDK. Sessions are shared by all clients and renewed five minutes before they end. A source that
// fails is asked again after a pause, so that its jobs do not flood STS.
import { readFile } from 'node:fs/promises'
import { fromIni, fromTemporaryCredentials, fromTokenFile } from '@aws-sdk/credential-providers'
import { doesIdentityRequireRefresh, isIdentityExpired, memoizeIdentityProvider } from '@smithy/core'
import {
  type ApiKey,
  type AssumedRole,
  type Credential,
  credentialHash,
  credentialName,
  type FailingCredential,
  type StoredApiKey,
} from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'
import type { AwsHttp, AwsRequestHandler } from './aws-http.ts'
import { CredentialsProviderError, lasting, makeCredentialChain } from './credential-chain.ts'

type Identity = ReturnType<typeof makeCredentialChain>
type Token = () => Promise<{ readonly token: string; readonly expiration?: Date }>

/** Credentials that sign. */
export type Signing = Exclude<Credential, ApiKey | StoredApiKey>

export interface CredentialSources {
  /** Throws CredentialsProviderError, or {@link RoleRefused}. */
  identity(credential: Signing, region: string): Identity
  /** Throws CredentialsProviderError. */
  token(credential: ApiKey | StoredApiKey): Token
}

export interface CredentialSourcesOptions {
  /** Endpoint of STS, in place of the region's own. */
  readonly stsEndpoint?: string | undefined
  /** Credentials of a task or a rule fail. Called once, until they are there again. */
  readonly onFailing?: ((failing: FailingCredential) => void) | undefined
  /** First pause of a source that fails, ms. @default 1_000 */
  readonly firstPauseMs?: number
}

/** AWS STS refuses a role of a task: another try would be refused too. */
export class RoleRefused extends Error {
  override readonly name = 'RoleRefused'
  /** Read by `describeFailure`. */
  readonly beforeSending = true
}

const LIMIT_MS = 10_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000
const MOST_SOURCES = 1_000
/** A key in a file may be replaced. */
const KEY_MS = 60_000

export function makeCredentialSources(
  http: AwsHttp,
  { stsEndpoint, onFailing = () => undefined, firstPauseMs = FIRST_PAUSE_MS }: CredentialSourcesOptions = {},
): CredentialSources {
  const chain = makeCredentialChain(http)
  const known = new Map<string, Identity>()
  const make = (credential: Fetched, region: string): Identity => {
    const plain = { region, requestHandler: http.within(LIMIT_MS) }
    const ofSts = stsEndpoint === undefined ? plain : { ...plain, endpoint: stsEndpoint }
    const onFailure = (reason: string) => onFailing({ credential: credentialName(credential) ?? '', reason })
    const provider = providerOf(credential, { chain, plain, ofSts })
    const source = lasting(shared(pausing(provider, firstPauseMs, onFailure)))
    return credential.kind === 'role' && credential.namedBy === 'task' ? refusing(source, credential) : source
  }
  return {
    identity(credential, region) {
      if (credential.kind === 'chain') return chain
      if (credential.kind === 'static') {
        const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken } = credential
        return async () => ({
          accessKeyId,
          secretAccessKey,
          ...(sessionToken === undefined ? {} : { sessionToken }),
        })
      }
      const id = credentialHash(credential, region)
      const source = known.get(id) ?? make(credential, region)
      keepLatest(known, id, source, MOST_SOURCES)
      return source
    },
    token(credential) {
      if (credential.kind === 'apiKey') return async () => ({ token: credential.apiKey })
      return async () => ({
        token: await storedKey(credential),
        // The SDK renews a token five minutes before it ends.
        expiration: new Date(Date.now() + RENEWED_BEFORE_MS + KEY_MS),
      })
    },
  }
}

const RENEWED_BEFORE_MS = 300_000

/** Credentials that must be fetched. */
type Fetched = Exclude<Signing, { kind: 'chain' | 'static' }>

interface ClientConfig {
  readonly region: string
  readonly requestHandler: AwsRequestHandler
}

interface Making {
  readonly chain: Identity
  /** Of clients of any service. */
  readonly plain: ClientConfig
  readonly ofSts: ClientConfig & { readonly endpoint?: string }
}

function providerOf(credential: Fetched, { chain, plain, ofSts }: Making): Identity {
  switch (credential.kind) {
    case 'role': {
      const { roleArn, externalId, sessionName, sessionTags, by } = credential
      const tags = Object.entries(sessionTags).map(([Key, Value]) => ({ Key, Value }))
      return fromTemporaryCredentials({
        clientConfig: { ...ofSts, maxAttempts: 1 },
        masterCredentials:
          by.kind === 'chain'
            ? chain
            : {
                accessKeyId: by.accessKey,
                secretAccessKey: by.secretKey,
                ...(by.sessionToken === undefined ? {} : { sessionToken: by.sessionToken }),
              },
        params: {
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          ...(externalId === undefined ? {} : { ExternalId: externalId }),
          ...(tags.length === 0 ? {} : { Tags: tags }),
        },
      })
    }
    case 'profile':
      return fromIni({ profile: credential.profile, clientConfig: plain })
    case 'webIdentity': {
      const { roleArn, tokenFile: webIdentityTokenFile, sessionName: roleSessionName } = credential
      return fromTokenFile({ roleArn, webIdentityTokenFile, roleSessionName, clientConfig: ofSts })
    }
  }
}

/** One request for all that ask at a time, and its answer until it must be renewed. */
function shared(provider: Identity): Identity {
  const kept = memoizeIdentityProvider(provider, isIdentityExpired, doesIdentityRequireRefresh)
  return kept ?? provider
}

/** After a failure: the same failure for a while, twice as long after each. */
function pausing(provider: Identity, firstMs: number, onFailing: (reason: string) => void): Identity {
  let failed: { readonly error: unknown; readonly pauseMs: number; readonly untilMs: number } | null = null
  return async (asked) => {
    if (failed !== null && performance.now() < failed.untilMs) throw failed.error
    try {
      const identity = await provider(asked)
      failed = null
      return identity
    } catch (error) {
      const isFirst = failed === null
      const pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * (failed?.pauseMs ?? firstMs / 2))
      failed = { error, pauseMs, untilMs: performance.now() + pauseMs }
      if (isFirst) onFailing(await lasting(() => Promise.reject(error))().then(String, messageOf))
      throw error
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** By which STS refuses the role, and by which it refuses the keys (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html). */
const REFUSES_ROLE = /^(AccessDenied|AccessDeniedException|ValidationError|PackedPolicyTooLarge(Exception)?)$/
const REFUSES_KEYS =
  /^(InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidAccessKeyId)$/

/** For a task's own role: an error of the task ends its job, instead of being waited for. */
function refusing(source: Identity, { roleArn, by }: AssumedRole): Identity {
  return async (asked) => {
    try {
      return await source(asked)
    } catch (error) {
      const { cause } = error instanceof Error ? error : { cause: undefined }
      const name = cause instanceof Error ? cause.name : ''
      if (REFUSES_ROLE.test(name) || (by.kind === 'static' && REFUSES_KEYS.test(name)))
        throw new RoleRefused(`The role ${roleArn} cannot be assumed: ${messageOf(error)}`, { cause: error })
      throw error
    }
  }
}

/** @throws CredentialsProviderError when there is no key. */
async function storedKey({ from }: StoredApiKey): Promise<string> {
  const key = 'env' in from ? process.env[from.env] : await readKey(from.file)
  if (key !== undefined && /^[\x21-\x7e]+$/.test(key.trim())) return key.trim()
  const where = 'env' in from ? `the environment variable ${from.env}` : `the file ${from.file}`
  throw new CredentialsProviderError(`${where} has no Bedrock API key`)
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new CredentialsProviderError(`the file of a Bedrock API key cannot be read: ${messageOf(error)}`)
  }
}
