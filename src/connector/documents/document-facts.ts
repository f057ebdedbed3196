// What Bedrock wants to know of a document besides its bytes, for blocks in Bedrock's form: taken from the document's reference. Pure.
import mime from 'mime'
import { isJsonObject, type JsonObject, type JsonValue } from '../../job/json.ts'
import { sanitizedName } from './block-name.ts'
import { extensionOf, splitFileName } from './document-type.ts'

const LENIENT = { typeAliases: true, anyTypeCase: true, sanitizeNames: true, uniqueNames: true }

/** Bedrock's names for file endings that have another one there. */
const FORMATS: Readonly<Record<string, string>> = {
  jpg: 'jpeg',
  htm: 'html',
  markdown: 'md',
  '3gp': 'three_gp',
}

/** Formats of content types that Bedrock takes for video and audio only. */
const MEDIA: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/x-matroska': 'mkv',
  'video/x-flv': 'flv',
  'video/mpeg': 'mpeg',
  'video/x-ms-wmv': 'wmv',
  'video/3gpp': 'three_gp',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/flac': 'flac',
  'audio/aac': 'aac',
  'audio/mp4': 'm4a',
  'audio/webm': 'webm',
}

/**
 * @param kind - the block's kind; only `document` has a name.
 * @returns nothing for what the reference does not say: Bedrock then names the missing field.
 */
export function documentFacts(reference: JsonObject, kind: string): JsonObject {
  const { fileName, contentType } = namesOf(reference)
  const { name, type } = splitFileName(fileName)
  const format = formatOf(type) ?? formatOf(mediaFormat(contentType))
  return {
    ...(format === undefined ? {} : { format }),
    ...(kind === 'document' ? { name: sanitizedName(name) } : {}),
  }
}

/** The document as a block of content of the kind that its content type suggests. */
export function blockOfDocument(reference: JsonObject): JsonObject {
  const [, kind = 'document'] = /^(image|video|audio)\//i.exec(contentTypeOf(reference) ?? '') ?? []
  return { [kind.toLowerCase()]: { source: { bytes: reference } } }
}

/** The content type that a reference states or its file name suggests; null for neither. */
export function contentTypeOf(reference: JsonObject): string | null {
  const { fileName, contentType } = namesOf(reference)
  return contentType ?? mime.getType(fileName)
}

function namesOf(reference: JsonObject): { readonly fileName: string; readonly contentType: string | null } {
  const metadata = isJsonObject(reference['metadata']) ? reference['metadata'] : {}
  return {
    fileName: textOf(metadata['fileName']) ?? textOf(reference['name']) ?? '',
    contentType: textOf(metadata['contentType']) ?? textOf(reference['contentType']),
  }
}

function formatOf(ending: string): string | undefined {
  const lower = ending.toLowerCase()
  return lower === '' ? undefined : (FORMATS[lower] ?? lower)
}

function mediaFormat(contentType: string | null): string {
  const [type = ''] = (contentType ?? '').toLowerCase().split(';')
  return MEDIA[type.trim()] ?? extensionOf(contentType, LENIENT) ?? ''
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
