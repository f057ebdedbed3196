// Which certificates connections to AWS trust.
import { readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/**
 * The TLS context for all connections. Made once: reading some 150 authorities takes tens of milliseconds.
 * @param caBundle - a PEM file with certificates to trust in addition to the usual ones (`AWS_CA_BUNDLE`).
 * @throws Error when the file cannot be read.
 */
export function trusting(caBundle: string | undefined): SecureContext {
  return createSecureContext(
    caBundle === undefined ? {} : { ca: [...getCACertificates('default'), readFileSync(caBundle, 'utf8')] },
  )
}
