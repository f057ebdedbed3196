// Identifies the caller by Signature Version 4 or a bearer token, as Bedrock does. Signatures are recomputed with the AWS
// SDK's own signer. Secrets and tokens are compared and never kept, logged or put into a message.
import { createHash, timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@smithy/core/checksum'
import { HttpRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import type { IssuedCredentials } from './credentials/issued.ts'
import type { ErrorName } from './errors.ts'

/** The owner of a call. A bearer token is named by its hash, `bearer:1a2b3c4d`; its region is taken from the host. */
export interface Caller {
  accessKey: string
  region: string
}

/** A request as it is signed. Header names are lower-case. */
export interface SignedRequest {
  method: string
  /** Raw path and query. */
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

/** Which callers are accepted; if absent, all well-formed ones. */
export interface Admitted {
  credentials?: Readonly<Record<string, string>>
  /** Whether access keys that `credentials` does not name are accepted, unchecked. */
  otherKeys?: boolean
  bearerKeys?: readonly string[]
  /** Temporary credentials that the stand-in has issued itself: they are verified, whatever else is accepted. */
  issued?: IssuedCredentials
}

/** The claimed owner of a call, before anything is checked: statistics use it. */
export function claimedCaller(headers: SignedRequest['headers']): Caller {
  const authorization = headers['authorization'] ?? ''
  const token = bearerToken(authorization)
  if (token !== undefined) {
    const hash = createHash('sha256').update(token).digest('hex').slice(0, 8)
    return { accessKey: `bearer:${hash}`, region: regionOfHost(headers['host']) }
  }
  const signature = readSignature(authorization)
  return { accessKey: signature?.accessKey ?? 'unknown', region: signature?.region ?? 'unknown' }
}

/** Checks the caller: undefined when it is accepted, otherwise Bedrock's error. `service` is what it must sign for. */
export async function refuseCaller(
  request: SignedRequest,
  admitted: Admitted,
  now: number,
  service = 'bedrock',
): Promise<ErrorName | undefined> {
  const authorization = request.headers['authorization']
  if (authorization === undefined) return 'missingtoken'
  const token = bearerToken(authorization)
  if (token !== undefined) {
    return admitted.bearerKeys === undefined || admitted.bearerKeys.includes(token) ? undefined : 'badkey'
  }
  const signature = readSignature(authorization)
  const signedAt = readSigningTime(request.headers['x-amz-date'])
  if (signature === undefined || signedAt === undefined) return 'incompletesignature'
  const issued = admitted.issued?.find(signature.accessKey)
  if (issued !== undefined) {
    if (request.headers['x-amz-security-token'] !== issued.sessionToken) return 'badtoken'
    if (now > issued.expiresAt) return 'expiredtoken'
  }
  const secret = issued?.secretAccessKey ?? knownSecret(admitted, signature.accessKey)
  if (secret === undefined) {
    return admitted.credentials === undefined || admitted.otherKeys ? undefined : 'badtoken'
  }
  if (signature.service !== service) return 'badservice'
  if (Math.abs(now - signedAt.getTime()) > CLOCK_TOLERANCE_MS) return 'expiredsignature'
  const expected = await sign(request, signature, secret, signedAt)
  return expected !== undefined && sameText(expected, signature.signature) ? undefined : 'badsignature'
}

function knownSecret({ credentials = {} }: Admitted, accessKey: string): string | undefined {
  return Object.hasOwn(credentials, accessKey) ? credentials[accessKey] : undefined
}

const CLOCK_TOLERANCE_MS = 5 * 60_000

interface Signature {
  accessKey: string
  region: string
  service: string
  signedHeaders: readonly string[]
  signature: string
}

const SIGNATURE =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

function readSignature(authorization: string): Signature | undefined {
  const [, accessKey, region, service, signedHeaders, signature] = SIGNATURE.exec(authorization) ?? []
  if (!accessKey || !region || !service || !signedHeaders || !signature) return undefined
  return { accessKey, region, service, signedHeaders: signedHeaders.split(';'), signature }
}

function readSigningTime(text: string | undefined): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '') ?? []
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}

async function sign(
  { method, path, headers, body }: SignedRequest,
  { accessKey, region, service, signedHeaders }: Signature,
  secret: string,
  signedAt: Date,
): Promise<string | undefined> {
  const stated = headers['x-amz-content-sha256']
  // The signer does not check a given hash, so it must be compared with the body first.
  if (/^[0-9a-f]{64}$/.test(stated ?? '') && stated !== createHash('sha256').update(body).digest('hex')) {
    return undefined
  }
  const [pathname = '', query = ''] = path.split('?', 2)
  const signer = new SignatureV4({
    credentials: { accessKeyId: accessKey, secretAccessKey: secret },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const signed = await signer.sign(
    new HttpRequest({
      method,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: Object.fromEntries(signedHeaders.map((name) => [name, headers[name] ?? ''])),
      body,
    }),
    { signingDate: signedAt, signableHeaders: new Set(signedHeaders) },
  )
  return readSignature(signed.headers['authorization'] ?? '')?.signature
}

function bearerToken(authorization: string): string | undefined {
  return /^Bearer (.+)$/i.exec(authorization)?.[1]
}

function regionOfHost(host = ''): string {
  return /^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1] ?? 'unknown'
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
