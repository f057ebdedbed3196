// A small AWS on loopback: sessions of AWS STS, and a Bedrock that takes every caller. Keeps what it got.
import { startHttp } from './servers.ts'

export interface SmallAws {
  readonly url: string
  /** Forms that STS got. */
  readonly forms: readonly URLSearchParams[]
  /** Headers that Bedrock got: the caller's access key or bearer token, and its session token. */
  readonly calls: readonly { readonly authorization: string; readonly token: string | undefined }[]
  /** What STS answers in place of sessions, in order; or by the form. */
  refuse: Refusal[] | ((form: URLSearchParams) => Refusal | undefined)
  /** How long a session lasts, ms. */
  sessionMs: number
  stop(): Promise<void>
}

interface Refusal {
  readonly status: number
  readonly code: string
}

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
/** Of callers that are no role. */
export const CALLERS_ACCOUNT = '777788889999'

export async function startSmallAws(): Promise<SmallAws> {
  const forms: URLSearchParams[] = []
  const calls: SmallAws['calls'][number][] = []
  const server = await startHttp(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url !== '/') {
      const token = request.headers['x-amz-security-token'] as string | undefined
      calls.push({ authorization: request.headers.authorization ?? '', token })
      response.setHeader('content-type', 'application/json')
      response.end('{"output":{"message":{"role":"assistant","content":[{"text":"Hi"}]}}}')
      return
    }
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
    forms.push(form)
    const refusal = Array.isArray(aws.refuse) ? aws.refuse.shift() : aws.refuse(form)
    response.setHeader('content-type', 'text/xml').statusCode = refusal?.status ?? 200
    response.end(refusal === undefined ? session(form, aws) : refused(refusal))
  })
  const aws: SmallAws = {
    url: `http://127.0.0.1:${server.port}`,
    forms,
    calls,
    refuse: [],
    sessionMs: 3_600_000,
    stop: () => server.stop(),
  }
  return aws
}

/** The answer names the session by the number of requests so far: `ASIA1`, `session1`. */
function session(form: URLSearchParams, { forms, sessionMs }: SmallAws): string {
  const action = form.get('Action') ?? ''
  const until = new Date(Date.now() + sessionMs).toISOString()
  const inner =
    action === 'GetCallerIdentity'
      ? `<Account>${CALLERS_ACCOUNT}</Account><Arn>a</Arn><UserId>u</UserId>`
      : `<Credentials><AccessKeyId>ASIA${forms.length}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>session${forms.length}</SessionToken><Expiration>${until}</Expiration></Credentials>`
  return `<${action}Response ${NAMESPACE}><${action}Result>${inner}</${action}Result></${action}Response>`
}

function refused({ code }: Refusal): string {
  return `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`
}
