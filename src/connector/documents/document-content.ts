// A document's bytes, from its reference or from the supply. Pure.
import type { DocumentReference } from './document-reference.ts'
import type { DocumentContent, DocumentSupply, Supplied } from './document-supply.ts'

/** @throws NeedsDocument when the content must be fetched first. */
export function contentOf(reference: DocumentReference, supply: DocumentSupply): Supplied<DocumentContent> {
  if (reference.kind !== 'inline') return supply.content(reference)
  const bytes = new TextEncoder().encode(reference.content)
  return { ok: true, value: { bytes, fileName: null, contentType: null } }
}

/** Base64 as Java's encoder gives it. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
