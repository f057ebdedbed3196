// Explains to a person why a connection could not be made, and which setting to check. Pure: judges error codes and OpenSSL's texts.
import { TLS_SETTINGS } from './tls-files.ts'

/** Hint for failures of our own certificate. */
export const CLIENT_CERTIFICATE_HINT = `Check ${TLS_SETTINGS.chain} and ${TLS_SETTINGS.key}.`

const RULES: readonly (readonly [RegExp, string])[] = [
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|self-signed certificate|unable to (verify the first|get (local )?issuer) certificate/,
    `its certificate is of an authority that is not trusted here. Give that authority with ${TLS_SETTINGS.root}.`,
  ],
  [
    /alert certificate expired/,
    `our client certificate has expired. Renew the one of ${TLS_SETTINGS.chain}.`,
  ],
  [
    /CERT_HAS_EXPIRED|certificate has expired/,
    'its certificate has expired. It has to be renewed on the other side.',
  ],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet. Check the clocks.'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|altnames/,
    'its certificate is for another name. Check that the address names the host as the certificate does.',
  ],
  [
    /alert certificate required|alert handshake failure/,
    `it asks for a client certificate. ${CLIENT_CERTIFICATE_HINT}`,
  ],
  [
    /alert (unknown ca|bad certificate|unsupported certificate|certificate (revoked|unknown)|access denied|decrypt error)/,
    `it refused our client certificate. ${CLIENT_CERTIFICATE_HINT}`,
  ],
  [
    /wrong version number|packet length too long|http request|record overflow/i,
    'it does not speak TLS there. Check scheme and port of the address.',
  ],
  [/ECONNREFUSED/, 'nothing listens there (ECONNREFUSED). Check that it is up and the address right.'],
  [/ENOTFOUND|EAI_AGAIN/, 'there is no such host. Check the address.'],
  [
    /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/,
    'it cannot be reached. Check address and network.',
  ],
]

/**
 * Why a connection failed, in words; null for an unknown error.
 * @param error - what `node:tls`, undici or a chain of causes of theirs ended with
 */
export function connectionFailure(error: unknown): string | null {
  const text = errorWords(error)
  return RULES.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

function errorWords(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return ''
  const code = 'code' in error ? String(error.code) : ''
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  return [code, error.message, ...inner.map((cause: unknown) => errorWords(cause, depth + 1))].join('\n')
}
