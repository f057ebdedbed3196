// Who this process is for AWS, and AWS's time: one call of STS, which every identity is allowed to make.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { HttpResponse } from '@smithy/core/protocols'
import type { CallFailure } from '../job/call-failure.ts'
import { type Credential, isApiKey, roleAccount } from '../job/credential.ts'
import { untilAborted } from '../time/bounded-wait.ts'
import { type AwsWay, makeAwsHttp } from './aws-http.ts'
import { describeFailure } from './call-failure.ts'
import { makeCredentialChain } from './credential-chain.ts'
import { type CredentialSources, makeCredentialSources, RoleRefused } from './credential-sources.ts'

/** AWS's answer. */
export interface IdentityAnswer {
  /** Null if AWS refused, or was not reached. */
  readonly identity: { readonly account: string; readonly arn: string } | null
  /** Why there is none; null when there is. */
  readonly failure: CallFailure | null
  /** How far AWS's clock is ahead of ours, ms, and the precision of that; null without an answer. */
  readonly clock: { readonly aheadMs: number; readonly withinMs: number } | null
}

const LIMIT_MS = 8_000
/** The `Date` header has whole seconds. */
const DATE_STEP_MS = 1_000

/**
 * Asks AWS. The SDK finds the credentials, and the endpoint if AWS_ENDPOINT_URL_STS is set.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export async function askIdentity(region: string, way: AwsWay): Promise<IdentityAnswer> {
  const http = makeAwsHttp(way)
  const client = new STSClient({
    region,
    maxAttempts: 1,
    credentials: makeCredentialChain(http),
    requestHandler: http.within(LIMIT_MS),
  })
  let clock: IdentityAnswer['clock'] = null
  client.middlewareStack.add(
    (next) => async (args) => {
      const askedAt = Date.now()
      const result = await next(args)
      clock = readClock(result.response, askedAt, Date.now())
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'readClock' },
  )
  try {
    const { Account: account = '', Arn: arn = '' } = await client.send(new GetCallerIdentityCommand({}))
    return { identity: { account, arn }, failure: null, clock }
  } catch (error) {
    return { identity: null, failure: describeFailure(error), clock }
  } finally {
    client.destroy()
    http.close()
  }
}

/** The account of a credential, or why AWS does not tell it; `refused` if AWS does not accept the credential. */
export type AccountAnswer =
  | { readonly kind: 'account'; readonly id: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'away'; readonly failure: CallFailure }

export interface AccountQuestions {
  /** Never rejects. */
  ask(credential: Credential, region: string): Promise<AccountAnswer>
  close(): void
}

const OF_API_KEY: CallFailure = { name: 'Error', message: 'STS does not know API keys' }

/** Limit for AWS's answer, and for the credentials to ask with: jobs wait for it. */
const QUESTION_LIMIT_MS = 5_000

/**
 * Finds the accounts of credentials.
 * @param endpoint - of STS, in place of the region's own.
 * @param refuses - whether a failure means that AWS does not accept the credential.
 */
export function makeAccountQuestions(
  way: AwsWay,
  {
    endpoint,
    refuses,
    sources: shared,
    limitMs = QUESTION_LIMIT_MS,
  }: {
    readonly endpoint: string | undefined
    readonly refuses: (failure: CallFailure) => boolean
    /** Those of the calls, so that each role is assumed once. @default own ones */
    readonly sources?: CredentialSources | undefined
    /** Limit of a question, ms. @default 5_000 */
    readonly limitMs?: number
  },
): AccountQuestions {
  const http = makeAwsHttp(way)
  const sources = shared ?? makeCredentialSources(http, { stsEndpoint: endpoint })
  return {
    async ask(credential, region) {
      if (isApiKey(credential)) return { kind: 'away', failure: OF_API_KEY }
      const credentials = sources.identity(credential, region)
      const client = new STSClient({
        region,
        maxAttempts: 1,
        ...(endpoint === undefined ? {} : { endpoint }),
        credentials,
        requestHandler: http.within(limitMs),
      })
      try {
        // The SDK sets no limit on credential sources such as a command of the profile.
        const limit = AbortSignal.timeout(limitMs)
        if (credential.kind === 'role') {
          // A session of a role is of the account in its ARN. STS lets only those assume it who may.
          await untilAborted(credentials(), limit)
          return { kind: 'account', id: roleAccount(credential.roleArn) ?? '' }
        }
        const asked = client.send(new GetCallerIdentityCommand({}))
        const { Account: id = '' } = await untilAborted(asked, limit)
        const nothing = { name: 'Error', message: 'the answer names no account' }
        return /^\d{12}$/.test(id) ? { kind: 'account', id } : { kind: 'away', failure: nothing }
      } catch (error) {
        if (error instanceof RoleRefused) return { kind: 'refused' }
        const failure = describeFailure(error)
        return refuses(failure) ? { kind: 'refused' } : { kind: 'away', failure }
      } finally {
        client.destroy()
      }
    },
    close: () => http.close(),
  }
}

function readClock(response: unknown, askedAt: number, answeredAt: number): IdentityAnswer['clock'] {
  const told = HttpResponse.isInstance(response) ? Date.parse(response.headers['date'] ?? '') : Number.NaN
  if (Number.isNaN(told)) return null
  const ours = (askedAt + answeredAt) / 2
  const withinMs = (DATE_STEP_MS + answeredAt - askedAt) / 2
  return { aheadMs: Math.round(told + DATE_STEP_MS / 2 - ours), withinMs }
}
