// Certificates for tests of TLS: an authority of the test's own, and what it signs. All of it lives in a temporary folder
// until `remove`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** A certificate and its key, in PEM and as files. */
export interface Issued {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

export interface Authority {
  readonly cert: string
  readonly certFile: string
  /** Signs a certificate for servers and clients, of `localhost` unless another host is given. */
  issue(name: string, options?: { readonly expired?: boolean; readonly host?: string }): Promise<Issued>
  remove(): Promise<void>
}

const DAY_MS = 86_400_000

/** Makes an authority. */
export async function makeAuthority(name: string): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-certificates-'))
  const write = async (file: string, content: string): Promise<string> => {
    await writeFile(join(folder, file), content)
    return join(folder, file)
  }
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    ...{ keyType: 'ec', algorithm: 'sha256' },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  })
  return {
    cert,
    certFile: await write('ca.pem', cert),
    async issue(subject, { expired = false, host = 'localhost' } = {}) {
      const issued = await generate([{ name: 'commonName', value: subject }], {
        ...{ keyType: 'ec', algorithm: 'sha256', ca: { key, cert } },
        notBeforeDate: new Date(Date.now() - 2 * DAY_MS),
        notAfterDate: new Date(Date.now() + (expired ? -DAY_MS : DAY_MS)),
        extensions: [
          { name: 'basicConstraints', cA: false },
          {
            name: 'subjectAltName',
            altNames: [{ type: 2, value: host }],
          },
        ],
      })
      return {
        cert: issued.cert,
        key: issued.private,
        certFile: await write(`${subject}.pem`, issued.cert),
        keyFile: await write(`${subject}.key`, issued.private),
      }
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
