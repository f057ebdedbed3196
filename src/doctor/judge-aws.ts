// Words what AWS answers about our credentials and about a model. Pure. AWS's own message is shown for a model only: about a
// signature it may repeat what was signed.
import type { IdentityAnswer } from '../aws/caller-identity.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { type Credential, isApiKey } from '../job/credential.ts'
import { fault, ok, type Verdict, warning } from './finding.ts'

const KEYS = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
const WAYS = `Set ${KEYS} or a profile (AWS_PROFILE), or run it with a role: IRSA or EKS Pod Identity on Kubernetes, an instance or task role elsewhere.`

interface Trouble {
  readonly names: RegExp
  readonly text: string
}

const TROUBLES: readonly Trouble[] = [
  {
    names: /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId)$/,
    text: `AWS does not know the access key, or its session token is wrong. Set ${KEYS} to a key that is there, with AWS_SESSION_TOKEN for a temporary one and without it for any other.`,
  },
  {
    names: /^(ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/,
    text: 'The session of these credentials has expired. Get new ones (aws sso login, or another AWS_SESSION_TOKEN), or run it with a role, whose credentials renew themselves.',
  },
  {
    names: /^(RequestExpired|RequestTimeTooSkewed|RequestInTheFuture)$/,
    text: 'AWS refuses the time of the signature. Set the clock of this host right.',
  },
  {
    names: /^(SignatureDoesNotMatch|InvalidSignatureException)$/,
    text: 'AWS refuses the signature: AWS_SECRET_ACCESS_KEY is not the secret of this access key, or the clock of this host is off. Set the secret anew, without blanks or line ends around it.',
  },
]

function knownTrouble({ name }: CallFailure): Verdict | null {
  const trouble = TROUBLES.find(({ names }) => names.test(name))
  return trouble === undefined ? null : fault(`${trouble.text} (${name})`)
}

function reason({ name, message, status, network, endpoint }: CallFailure): string {
  // A failure of our own connection: its message names the step and what to check.
  if (endpoint !== undefined) return message.replace(/\.$/, '')
  return [name, network, status].filter((part) => part !== undefined).join(', ')
}

interface IdentityFacts extends Pick<IdentityAnswer, 'identity' | 'failure'> {
  readonly region: string
  /** Whether a Bedrock API key is set, which needs no identity. */
  readonly hasApiKey: boolean
}

/** Whose credentials these are. */
export function judgeIdentity({ identity, failure, region, hasApiKey }: IdentityFacts): Verdict {
  if (identity !== null) return ok(`Calls are made as ${identity.arn} of account ${identity.account}.`)
  if (failure === null) return fault('AWS gave no answer.')
  if (failure.noCredentials) {
    return hasApiKey
      ? ok(
          'Calls are made with a Bedrock API key (AWS_BEARER_TOKEN_BEDROCK); --model shows whether it holds.',
        )
      : warning(
          `There are no AWS credentials (${failure.message.replace(/\.$/, '')}): jobs that bring no keys of their own wait for some, and fail after QUARRY_MAX_WAIT. ${WAYS}`,
        )
  }
  const known = knownTrouble(failure)
  if (known !== null) return known
  if (
    failure.network !== undefined ||
    failure.timedOutAfterMs !== undefined ||
    failure.status === undefined
  ) {
    return warning(
      `AWS STS of ${region} cannot be reached (${reason(failure)}), so it is not known whose credentials these are. Let connections to sts.${region}.amazonaws.com through, or set AWS_ENDPOINT_URL_STS to a VPC endpoint; Bedrock is another address.`,
    )
  }
  return fault(`AWS STS of ${region} refused (${reason(failure)}). ${WAYS}`)
}

interface RuledFacts {
  /** Where the rule is in the lanes file. */
  readonly place: string
  readonly credential: Credential
  /** Null when the credential is there. */
  readonly failure: Pick<CallFailure, 'message'> | null
}

/** Whether the credentials of a rule are there. */
export function judgeRuledCredential({ place, credential, failure }: RuledFacts): Verdict {
  const what = `${place} of the lanes file: ${describeCredential(credential)}`
  if (failure === null) return ok(`${what} ${isApiKey(credential) ? 'is there' : 'gives credentials'}.`)
  return fault(
    `${what} gives none (${failure.message.replace(/\.$/, '')}). ${REMEDY[credential.kind] ?? WAYS}`,
  )
}

function describeCredential(credential: Credential): string {
  switch (credential.kind) {
    case 'role':
      return `the role ${credential.roleArn}`
    case 'webIdentity':
      return `the role ${credential.roleArn} by the token in ${credential.tokenFile}`
    case 'profile':
      return `the AWS profile ${credential.profile}`
    case 'storedApiKey':
      return 'env' in credential.from
        ? `the API key in ${credential.from.env}`
        : `the API key in ${credential.from.file}`
    default:
      return "the worker's own credentials"
  }
}

const REMEDY: Partial<Record<Credential['kind'], string>> = {
  role: "Let the worker's identity assume it (sts:AssumeRole, and sts:TagSession if the rule has sessionTags) in its own policy and in the role's trust policy, with the same external id.",
  webIdentity: "See that the file holds a token that the role's trust policy accepts.",
  profile: 'See the AWS configuration of this host; renew an SSO sign-in with aws sso login.',
  storedApiKey: 'Give the worker the key there.',
}

interface ModelFacts {
  readonly model: string
  readonly region: string
  /** Null when the model answered. */
  readonly failure: CallFailure | null
}

/** Whether a model may be called. */
export function judgeModel({ model, region, failure }: ModelFacts): Verdict {
  const what = `${model} in ${region}`
  if (failure === null) return ok(`${what} answers.`)
  if (failure.noCredentials) return fault(`${what} was not called: there are no AWS credentials. ${WAYS}`)
  const known = knownTrouble(failure)
  if (known !== null) return known
  const said = `${failure.name}: ${failure.message.slice(0, 300)}`
  switch (failure.status) {
    case undefined:
      return fault(
        `${what} cannot be reached (${reason(failure)}). Let connections to bedrock-runtime.${region}.amazonaws.com through, or set AWS_ENDPOINT_URL_BEDROCK_RUNTIME to a VPC endpoint.`,
      )
    case 403:
      return fault(
        `${what} may not be called (${said}). Ask for access to it in the Bedrock console of that region, and allow bedrock:InvokeModel on it to the identity above.`,
      )
    case 400:
    case 404:
      return fault(
        `${what} cannot be called by this id (${said}). Check its id and the region; some models take only the id of an inference profile, which begins with us., eu. or the like.`,
      )
    case 429:
      return warning(
        `${what} may be called, and is throttled now (${said}). Try again, and look at its quota.`,
      )
    default:
      return fault(`${what} fails (${said}). Look at AWS's service health, and try again.`)
  }
}
