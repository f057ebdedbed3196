// The type of a document that Bedrock gets: from its file name, or else from its content type. Pure.
import type { DocumentRules } from './document-rules.ts'

/** Bedrock's image formats (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html). */
const IMAGES = ['png', 'jpeg', 'gif', 'webp'] as const
/** Bedrock's document formats (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html). */
const DOCUMENTS = ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md'] as const

export type ImageFormat = (typeof IMAGES)[number]
export type DocumentFormat = (typeof DOCUMENTS)[number]

/** Formats that Bedrock accepts. */
type BlockFormat =
  | { readonly kind: 'image'; readonly format: ImageFormat }
  | { readonly kind: 'document'; readonly format: DocumentFormat }

// The extension Apache Tika gives a content type, for those whose extension Bedrock knows, and their aliases there.
// Tika's for image/jpeg is jpg, so the Java connector refuses it.
const EXTENSIONS: ReadonlyMap<string, string> = new Map([
  ['image/png', 'png'],
  ['image/x-png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/jpg', 'jpg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
  ['application/pdf', 'pdf'],
  ['application/x-pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.ms-word', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/msexcel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/x-web-markdown', 'md'],
])

const ALIASES: ReadonlyMap<string, string> = new Map([
  ['jpg', 'jpeg'],
  ['htm', 'html'],
  ['markdown', 'md'],
])

// Tika's media types: two tokens, and parameters behind a semicolon.
const TOKEN = '[^\\s\\x00-\\x1f()<>@,;:\\\\"/\\[\\]?=]+'
const MEDIA_TYPE = new RegExp(`^\\s*(${TOKEN}/${TOKEN})\\s*(;.*)?$`, 's')

/** A file name cut at its last dot; without a dot all of it is the name, and the type is empty. */
export function splitFileName(fileName: string): { readonly name: string; readonly type: string } {
  const dot = fileName.lastIndexOf('.')
  if (dot === -1) return { name: fileName, type: '' }
  return { name: fileName.slice(0, dot), type: fileName.slice(dot + 1) }
}

/**
 * The extension for a content type, empty where there is none Bedrock knows.
 * @returns null when the text is no content type.
 */
export function extensionOf(contentType: string | null, { typeAliases }: DocumentRules): string | null {
  const [, mediaType, parameters] = MEDIA_TYPE.exec(contentType ?? '') ?? []
  if (mediaType === undefined) return null
  // To Tika a type with parameters is another type than the one without.
  if (parameters !== undefined && !typeAliases) return ''
  const type = mediaType.toLowerCase()
  // Tika knows Markdown by another name only.
  if (type === 'text/markdown') return typeAliases ? 'md' : ''
  return EXTENSIONS.get(type) ?? ''
}

/** @returns null when Bedrock takes nothing of that type. */
export function blockFormat(type: string, { typeAliases, anyTypeCase }: DocumentRules): BlockFormat | null {
  const cased = anyTypeCase ? type.toLowerCase() : type
  const wanted = typeAliases ? (ALIASES.get(cased) ?? cased) : cased
  const image = IMAGES.find((format) => format === wanted)
  if (image !== undefined) return { kind: 'image', format: image }
  const document = DOCUMENTS.find((format) => format === wanted)
  return document === undefined ? null : { kind: 'document', format: document }
}
