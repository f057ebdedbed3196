// Certificate files for the connections to Camunda, to its identity provider and, by other settings, to Redis: read once at start. Opens no
// connection, and shows file names only.
import { readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates } from 'node:tls'

/** PEM files for servers whose certificate no public authority signed, or that ask for a client certificate. */
export interface TlsFiles {
  /** Authorities to trust besides the system's. */
  readonly rootCertificateFile?: string | undefined
  readonly certificateChainFile?: string | undefined
  readonly privateKeyFile?: string | undefined
}

/** Material of a TLS connection, in the terms of `node:tls`: PEM texts. */
export interface TlsMaterial {
  readonly ca?: string[]
  readonly cert?: string
  readonly key?: string
}

/** The default settings for the files. */
export const TLS_SETTINGS = {
  root: 'CAMUNDA_CUSTOM_ROOT_CERT_PATH',
  chain: 'CAMUNDA_CUSTOM_CERT_CHAIN_PATH',
  key: 'CAMUNDA_CUSTOM_PRIVATE_KEY_PATH',
} as const

/**
 * Reads the files.
 * @throws Error that names the file and its setting, when a file cannot be read or does not contain what it should.
 */
export function readTlsFiles(
  files: TlsFiles = {},
  settings: Readonly<Record<keyof typeof TLS_SETTINGS, string>> = TLS_SETTINGS,
): TlsMaterial {
  const { rootCertificateFile, certificateChainFile, privateKeyFile } = files
  const root = read(rootCertificateFile, settings.root)
  const cert = read(certificateChainFile, settings.chain)
  const key = read(privateKeyFile, settings.key)
  if (root !== undefined) {
    checked(root.includes('-----BEGIN CERTIFICATE-----'), () => createSecureContext({ ca: root }), {
      problem: `${rootCertificateFile} holds no certificate in PEM`,
      setting: settings.root,
    })
  }
  if (cert !== undefined && key !== undefined) {
    checked(true, () => createSecureContext({ cert, key }), {
      problem: `${certificateChainFile} and ${privateKeyFile} are not a certificate and its key, both in PEM`,
      setting: `${settings.chain} and ${settings.key}`,
    })
  }
  return {
    // The identity provider may have a certificate of a public authority, and the gateway one of our own.
    ...(root === undefined ? {} : { ca: [...getCACertificates('default'), root] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function read(file: string | undefined, setting: string): string | undefined {
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Error(`The file ${file} cannot be read (${reason}). Check ${setting}.`, { cause })
  }
}

function checked(
  plausible: boolean,
  parse: () => unknown,
  told: { readonly problem: string; readonly setting: string },
): void {
  // OpenSSL's own texts quote no content.
  const fail = (cause?: unknown) => {
    const reason = cause instanceof Error ? ` (${cause.message})` : ''
    return new Error(`${told.problem}${reason}. Check ${told.setting}.`, { cause })
  }
  if (!plausible) throw fail()
  try {
    parse()
  } catch (cause) {
    throw fail(cause)
  }
}
