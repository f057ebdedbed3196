// Turns a document into the block that is sent. Checks its name and format in the order of the Java connector, so that of several faults
// the same one is reported. Pure.

import {
  type ConnectorError,
  ILLEGAL_ARGUMENT,
  javaError,
  NULL_POINTER,
  RUNTIME,
} from '../connector-error.ts'
import { isBlank } from '../java-text.ts'
import { sanitizedName } from './block-name.ts'
import type { DocumentReference } from './document-reference.ts'
import type { DocumentRules } from './document-rules.ts'
import { contentOf, type DocumentSupply, type Supplied } from './document-supply.ts'
import type { DocumentFormat, ImageFormat } from './document-type.ts'
import { blockFormat, extensionOf, splitFileName } from './document-type.ts'

/** A block of a Converse request that was made from a document. */
export type DocumentBlock =
  | { readonly kind: 'image'; readonly format: ImageFormat; readonly bytes: Uint8Array }
  | {
      readonly kind: 'document'
      readonly format: DocumentFormat
      readonly name: string
      readonly bytes: Uint8Array
    }

const NO_METADATA =
  'Cannot invoke "io.camunda.connector.api.document.DocumentMetadata.getFileName()" because the return value of "io.camunda.connector.api.document.Document.metadata()" is null'
const NO_FILE_NAME = 'Cannot invoke "String.lastIndexOf(String)" because "fileName" is null'

const OCTETS = 'application/octet-stream'

/** @throws NeedsDocument when the content must be fetched first. */
export function documentBlock(
  reference: DocumentReference,
  { rules, supply }: { rules: DocumentRules; supply: DocumentSupply },
): Supplied<DocumentBlock> {
  const fileName = fileNameOf(reference, supply)
  if (!fileName.ok) return fileName
  const { name, type: written } = splitFileName(fileName.value)
  const type =
    written === '' ? typeFromContent(reference, { rules, supply }) : { ok: true as const, value: written }
  if (!type.ok) return type
  const content = contentOf(reference, supply)
  if (!content.ok) return content
  const { bytes } = content.value
  const format = blockFormat(type.value, rules)
  if (format === null) return failed(javaError(ILLEGAL_ARGUMENT, `Unsupported document type: ${name}`))
  if (format.kind === 'image') return { ok: true, value: { ...format, bytes } }
  return { ok: true, value: { ...format, name: rules.sanitizeNames ? sanitizedName(name) : name, bytes } }
}

function fileNameOf(reference: DocumentReference, supply: DocumentSupply): Supplied<string> {
  if (reference.kind === 'inline') return { ok: true, value: reference.name }
  if (reference.kind === 'camunda') {
    if (reference.metadata === null) return failed(javaError(NULL_POINTER, NO_METADATA))
    const { fileName } = reference.metadata
    return fileName === null ? failed(javaError(NULL_POINTER, NO_FILE_NAME)) : { ok: true, value: fileName }
  }
  if (reference.name !== null) return { ok: true, value: reference.name }
  const content = supply.content(reference)
  if (!content.ok) return content
  return { ok: true, value: content.value.fileName ?? '' }
}

function typeFromContent(
  reference: DocumentReference,
  { rules, supply }: { rules: DocumentRules; supply: DocumentSupply },
): Supplied<string> {
  const contentType = contentTypeOf(reference, supply)
  if (!contentType.ok) return contentType
  const extension = extensionOf(contentType.value, rules)
  if (extension !== null) return { ok: true, value: extension }
  return failed(javaError(RUNTIME, `Unsupported document content type: ${contentType.value}`))
}

function contentTypeOf(reference: DocumentReference, supply: DocumentSupply): Supplied<string | null> {
  switch (reference.kind) {
    case 'camunda':
      return { ok: true, value: reference.metadata?.contentType ?? null }
    // The name of an inline document has no dot at this point, so it tells nothing.
    case 'inline':
      return { ok: true, value: isBlank(reference.contentType ?? '') ? OCTETS : reference.contentType }
    case 'external': {
      const content = supply.content(reference)
      return content.ok ? { ok: true, value: content.value.contentType } : content
    }
  }
}

function failed(error: ConnectorError): { readonly ok: false; readonly error: ConnectorError } {
  return { ok: false, error }
}
