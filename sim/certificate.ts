// The certificate the stand-in makes for itself at start, good for a year. Only the public
// part is on disk, in a temporary file, for the callers that trust it.
import { isIP } from 'node:net'
import { generate } from 'selfsigned'

/** A self-signed certificate and its key, both PEM. */
export interface Certificate {
  certificate: string
  key: string
}

const CLOCK_TOLERANCE_MS = 3_600_000

/** Makes a certificate for the names and addresses. It is trusted as it is, and can sign no other. */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const altNames = [...new Set(names)].map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  )
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'Quarry Bedrock stand-in' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // A caller on another machine may have a clock that is behind.
    notBeforeDate: new Date(Date.now() - CLOCK_TOLERANCE_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  return { certificate: cert, key }
}
