import { createHash } from 'node:crypto'

/** Whose credentials sign a call: the worker's own role (the default chain), or keys that the diagram gives. */
export type Credential =
  | { readonly kind: 'chain' }
  | { readonly kind: 'static'; readonly accessKey: string; readonly secretKey: string }

/** Hash of the whole credential and the place where it is used. */
export function credentialHash(credential: Credential, where: string): string {
  if (credential.kind === 'chain') return `chain ${where}`
  return createHash('sha256')
    .update(`${where}\n${credential.accessKey}\n${credential.secretKey}`)
    .digest('base64')
}
