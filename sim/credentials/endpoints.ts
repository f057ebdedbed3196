// The two endpoints that give credentials by plain HTTP: EKS Pod Identity's agent, and the portal of SSO (IAM Identity Center).
import type { WireAnswer } from '../wire-answer.ts'
import type { IssuedCredentials } from './issued.ts'

const POD_PATH = '/v1/credentials'
const SSO_PATH = '/federation/credentials'
const LIFETIME_MS = 3_600_000

/** Whether a request is for one of them. */
export function isCredentialsPath(method: string, path: string): boolean {
  const [bare = ''] = path.split('?', 1)
  return method === 'GET' && (bare === POD_PATH || bare === SSO_PATH)
}

/** What they need to know. */
export interface EndpointParts {
  issued: IssuedCredentials
  /** The role of pods. */
  podRole: () => string
  /** In place of the lifetime that a caller asks for. */
  sessionSeconds: () => number | undefined
}

/** Answers a request. A token that contains `expired` is refused. */
export function answerCredentials(
  path: string,
  headers: Readonly<Record<string, string>>,
  { issued, podRole, sessionSeconds }: EndpointParts,
  now: number,
): WireAnswer {
  const { pathname, searchParams } = new URL(path, 'http://localhost')
  const seconds = sessionSeconds()
  const expiresAt = now + (seconds === undefined ? LIFETIME_MS : seconds * 1_000)
  if (pathname === POD_PATH) {
    if (!isValid(headers['authorization']))
      return json(400, { message: 'Service account token cannot be empty' })
    const roleArn = podRole()
    const { accessKeyId, secretAccessKey, sessionToken, account } = issued.issue({
      action: 'PodIdentity',
      roleArn,
      sessionName: 'eks-pod',
      expiresAt,
    })
    const Expiration = new Date(expiresAt).toISOString()
    return json(200, {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      AccountId: account,
      Expiration,
    })
  }
  if (!isValid(headers['x-amz-sso_bearer_token'])) {
    return json(
      401,
      { message: 'Session token not found or invalid' },
      { 'x-amzn-ErrorType': 'UnauthorizedException' },
    )
  }
  const account = searchParams.get('account_id') ?? ''
  const roleArn = `arn:aws:iam::${account}:role/${searchParams.get('role_name') ?? ''}`
  const { accessKeyId, secretAccessKey, sessionToken } = issued.issue({
    action: 'GetRoleCredentials',
    roleArn,
    sessionName: 'sso',
    expiresAt,
  })
  return json(200, { roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration: expiresAt } })
}

function isValid(token: string | undefined): boolean {
  return token !== undefined && token !== '' && !token.includes('expired')
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): WireAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}
