// `GetCallerIdentity` of AWS STS, beside the models: callers are checked as Bedrock's are. Its answers are XML.
import { randomUUID } from 'node:crypto'
import { type AccountsByKey, accountOf } from './accounts.ts'
import { type Admitted, claimedCaller, refuseCaller, type SignedRequest } from './caller.ts'
import { type ErrorName, errorAnswer } from './errors.ts'
import type { WireAnswer } from './wire-answer.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'

/** Whether a request is for STS: a form that is posted to the root. */
export function isIdentityCall(method: string, path: string): boolean {
  return method === 'POST' && path === '/'
}

/** STS has its own names for some of Bedrock's errors; others keep Bedrock's name. */
const CODES: Partial<Record<ErrorName, string>> = {
  missingtoken: 'MissingAuthenticationToken',
  incompletesignature: 'IncompleteSignature',
  badtoken: 'InvalidClientTokenId',
  badsignature: 'SignatureDoesNotMatch',
  badservice: 'SignatureDoesNotMatch',
  expiredsignature: 'SignatureDoesNotMatch',
}

/** Answers a form posted to the root. */
export async function answerIdentity(
  request: SignedRequest,
  { admitted, accounts }: { admitted: Admitted; accounts?: AccountsByKey | undefined },
  now: number,
): Promise<WireAnswer> {
  const refusal = await refuseCaller(request, admitted, now, 'sts')
  if (refusal !== undefined) {
    const { status, body } = errorAnswer(refusal)
    const { message } = JSON.parse(body) as { message: string }
    return xml(status, failure(CODES[refusal] ?? refusal, message))
  }
  const action = new URLSearchParams(Buffer.from(request.body).toString('utf8')).get('Action')
  if (action !== 'GetCallerIdentity')
    return xml(400, failure('InvalidAction', `Could not find operation ${action ?? ''}`.trim()))
  const { accessKey } = claimedCaller(request.headers)
  const account = accountOf(accessKey, accounts)
  return xml(
    200,
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/${text(accessKey)}</Arn><UserId>${text(accessKey)}</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )
}

function failure(code: string, message: string): string {
  return `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${text(code)}</Code><Message>${text(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function xml(status: number, body: string): WireAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) }
}
