// AWS STS, beside the models: GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity. Callers are checked as Bedrock's are. Its
// answers are XML.
import { randomUUID } from 'node:crypto'
import { type Admitted, claimedCaller, refuseCaller, type SignedRequest } from '../caller.ts'
import { type ErrorName, errorAnswer } from '../errors.ts'
import type { WireAnswer } from '../wire-answer.ts'
import { type AccountsByKey, accountOf } from './accounts.ts'
import type { EndpointParts } from './endpoints.ts'
import { type Issued, sessionOf } from './issued.ts'
import { mayAssume, type RoleRule } from './roles.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const DEFAULT_SECONDS = 3_600

/** What STS needs to know. */
export interface StsParts extends EndpointParts {
  admitted: Admitted
  accounts?: AccountsByKey | undefined
  roles: () => readonly RoleRule[]
}

/** Whether a request is for STS: a form that is posted to the root. */
export function isStsCall(method: string, path: string): boolean {
  return method === 'POST' && path === '/'
}

/** STS has its own names for some of Bedrock's errors; others keep Bedrock's name. */
const CODES: Partial<Record<ErrorName, string>> = {
  missingtoken: 'MissingAuthenticationToken',
  incompletesignature: 'IncompleteSignature',
  badtoken: 'InvalidClientTokenId',
  expiredtoken: 'ExpiredToken',
  badsignature: 'SignatureDoesNotMatch',
  badservice: 'SignatureDoesNotMatch',
  expiredsignature: 'SignatureDoesNotMatch',
}

/** Answers a form posted to the root. */
export async function answerSts(request: SignedRequest, parts: StsParts, now: number): Promise<WireAnswer> {
  const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'))
  const action = form.get('Action') ?? ''
  // A web identity is proof enough: that call alone is not signed.
  if (action === 'AssumeRoleWithWebIdentity') return withWebIdentity(form, parts, now)
  const refusal = await refuseCaller(request, parts.admitted, now, 'sts')
  if (refusal !== undefined) {
    const { status, body } = errorAnswer(refusal)
    const { message } = JSON.parse(body) as { message: string }
    return failure(status, CODES[refusal] ?? refusal, message)
  }
  const { accessKey } = claimedCaller(request.headers)
  if (action === 'GetCallerIdentity') return callerIdentity(accessKey, parts)
  if (action === 'AssumeRole') return assumeRole(form, accessKey, parts, now)
  return failure(400, 'InvalidAction', `Could not find operation ${action}`.trim())
}

function callerIdentity(accessKey: string, parts: StsParts): WireAnswer {
  const { arn, userId, account } = identityOf(accessKey, parts)
  return success(
    'GetCallerIdentity',
    `<Arn>${text(arn)}</Arn><UserId>${text(userId)}</UserId><Account>${account}</Account>`,
  )
}

function identityOf(
  accessKey: string,
  { issued, accounts }: StsParts,
): { arn: string; userId: string; account: string } {
  const session = issued.find(accessKey)
  if (session !== undefined) return { ...sessionOf(session), account: session.account }
  const account = accountOf(accessKey, accounts)
  return { arn: `arn:aws:iam::${account}:user/${accessKey}`, userId: accessKey, account }
}

function assumeRole(form: URLSearchParams, by: string, parts: StsParts, now: number): WireAnswer {
  const roleArn = form.get('RoleArn') ?? ''
  const externalId = form.get('ExternalId') ?? undefined
  const tags = tagsOf(form)
  if (!mayAssume(parts.roles(), { roleArn, externalId, tags })) {
    return failure(403, 'AccessDenied', notAllowed(identityOf(by, parts).arn, 'AssumeRole', roleArn))
  }
  const session = issue('AssumeRole', form, parts, now, { externalId, tags, by })
  return success('AssumeRole', credentials(session))
}

function withWebIdentity(form: URLSearchParams, parts: StsParts, now: number): WireAnswer {
  const token = form.get('WebIdentityToken') ?? ''
  const roleArn = form.get('RoleArn') ?? ''
  if (token === '')
    return failure(
      400,
      'InvalidIdentityToken',
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    )
  if (token.includes('expired')) return failure(400, 'ExpiredTokenException', 'Token expired')
  if (!mayAssume(parts.roles(), { roleArn, tags: {} })) {
    return failure(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity')
  }
  const session = issue('AssumeRoleWithWebIdentity', form, parts, now, {})
  return success(
    'AssumeRoleWithWebIdentity',
    `${credentials(session)}<Provider>sim</Provider><Audience>sts.amazonaws.com</Audience>`,
  )
}

function issue(
  action: string,
  form: URLSearchParams,
  { issued, sessionSeconds }: StsParts,
  now: number,
  grant: Pick<Issued, 'externalId' | 'tags' | 'by'>,
): Issued {
  const seconds = sessionSeconds() ?? Number(form.get('DurationSeconds') ?? DEFAULT_SECONDS)
  return issued.issue({
    action,
    roleArn: form.get('RoleArn') ?? '',
    sessionName: form.get('RoleSessionName') ?? '',
    ...grant,
    expiresAt: now + seconds * 1_000,
  })
}

/** `Tags.member.1.Key`, `Tags.member.1.Value`, … */
function tagsOf(form: URLSearchParams): Record<string, string> {
  const tags: Record<string, string> = {}
  for (let number = 1; form.has(`Tags.member.${number}.Key`); number += 1) {
    tags[form.get(`Tags.member.${number}.Key`) ?? ''] = form.get(`Tags.member.${number}.Value`) ?? ''
  }
  return tags
}

function notAllowed(who: string, action: string, roleArn: string): string {
  return `User: ${who} is not authorized to perform: sts:${action} on resource: ${roleArn}`
}

function credentials(session: Issued): string {
  const { accessKeyId, secretAccessKey, sessionToken, expiresAt } = session
  const { arn, userId } = sessionOf(session)
  const expiration = new Date(expiresAt).toISOString()
  return `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><Arn>${text(arn)}</Arn><AssumedRoleId>${text(userId)}</AssumedRoleId></AssumedRoleUser>`
}

function success(action: string, result: string): WireAnswer {
  return xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  )
}

function failure(status: number, code: string, message: string): WireAnswer {
  return xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${text(code)}</Code><Message>${text(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  )
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function xml(status: number, body: string): WireAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
}
