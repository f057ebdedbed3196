// The AWS credentials of this process, from the SDK's chain. All failures of the chain get one name: its providers throw the errors of their
// own calls (of STS, SSO, IMDS, a command), which would look like errors of Bedrock.
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import type { AwsHttp } from './aws-http.ts'

type Chain = ReturnType<typeof fromNodeProviderChain>

/** The name by which the SDK and `describeFailure` recognise missing credentials. */
export class CredentialsProviderError extends Error {
  override readonly name = 'CredentialsProviderError'
}

/** Limit of each call of STS or SSO. */
const LIMIT_MS = 10_000

/**
 * The chain. Its calls of STS and SSO go through `http`; those of IMDS and of a container's endpoint do not, because these are addresses of
 * this host.
 */
export function makeCredentialChain(http: AwsHttp): Chain {
  return lasting(fromNodeProviderChain({ clientConfig: { requestHandler: http.within(LIMIT_MS) } }))
}

/**
 * Caches the chain (https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html). Credentials are renewed
 * five minutes before they expire; if that fails, the old ones are used until then.
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

/** A provider's error, without the command line and the output of a `credential_process`. */
function reasonOf(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  if (message.startsWith('Command failed'))
    return 'The credential_process of the AWS profile failed. Run it by hand: what it says is not shown here, as it may hold a secret.'
  if (name === 'SyntaxError' || message.includes('is not valid JSON'))
    return 'The source of the credentials gave no JSON: look at the credential_process of the AWS profile, or at the cache of aws sso login.'
  const reason = message.trim() === '' ? name : message
  return name === 'Error' || name === 'CredentialsProviderError' || reason === name
    ? cut(reason)
    : cut(`${name}: ${reason}`)
}

function cut(text: string): string {
  return text.length <= LONGEST_REASON ? text : `${text.slice(0, LONGEST_REASON)}…`
}
