// Which certificates connections to AWS trust.
import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'

/**
 * The options of a TLS connection.
 * @param caBundle a PEM file with certificates to trust besides the usual ones (`AWS_CA_BUNDLE`).
 * @throws Error when the file cannot be read.
 */
export function trusting(caBundle: string | undefined): { readonly ca?: string[] } {
  return caBundle === undefined
    ? {}
    : { ca: [...getCACertificates('default'), readFileSync(caBundle, 'utf8')] }
}
