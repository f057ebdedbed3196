// The AWS credentials of this process, by the chain of the SDK. Whatever keeps the chain from giving some is told under one
// name: its providers throw what their own calls throw (of STS, SSO, IMDS, a command), which says nothing of Bedrock.
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { AwsHttp } from './aws-http.ts'

type Chain = ReturnType<typeof fromNodeProviderChain>

/** Error with the name under which the SDK, and `describeFailure`, know a lack of credentials. */
class CredentialsProviderError extends Error {
  override readonly name = 'CredentialsProviderError'
}

/** For each call of STS or SSO. */
const LIMIT_MS = 10_000

/**
 * The chain, whose calls of STS and SSO go the way that `http` goes. Those of IMDS and of a container's own endpoint do not:
 * they are addresses of this host.
 */
export function makeCredentialChain(http: AwsHttp): Chain {
  return lasting(fromNodeProviderChain({ clientConfig: { requestHandler: http.within(LIMIT_MS) } }))
}

/**
 * The chain (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html). It renews
 * credentials five minutes before they expire: where that fails, those it had are used to their end.
 */
export function lasting(chain: Chain): Chain {
  let latest: Awaited<ReturnType<Chain>> | undefined
  return async (asked) => {
    try {
      latest = await chain(asked)
      return latest
    } catch (error) {
      const until = latest?.expiration?.getTime()
      if (latest !== undefined && until !== undefined && until > Date.now()) return latest
      throw new CredentialsProviderError(reasonOf(error), { cause: error })
    }
  }
}

const LONGEST_REASON = 300

/** What a provider said, without what a `credential_process` was called with, and without what it printed. */
function reasonOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (message.startsWith('Command failed'))
    return 'The credential_process of the AWS profile failed. Run it by hand: what it says is not shown here, as it may hold a secret.'
  if (name === 'SyntaxError' || message.includes('is not valid JSON'))
    return 'What gave the credentials is no JSON: look at the credential_process of the AWS profile, or at the cache of aws sso login.'
  const reason = message.trim() === '' ? name : message
  return name === 'Error' || name === 'CredentialsProviderError' || reason === name
    ? cut(reason)
    : cut(`${name}: ${reason}`)
}

function cut(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`
}
