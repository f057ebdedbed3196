// Binds one document reference as Jackson binds `DocumentReferenceModel`. Throws BindingError, and NeedsDocument if a part of the reference
// is itself made from a document.
import { createHash } from 'node:crypto'
import { isJsonObject, type JsonObject, type JsonValue, numberText, stringifyJson } from '../../job/json.ts'
import { type BeanType, bindBean, tokenOf } from '../bind-bean.ts'
import { bindLong, bindString, type Place } from '../bind-scalar.ts'
import { invalidFormat, mismatch, wrongShape } from '../binding-error.ts'
import type { Compatibility } from '../compatibility.ts'
import { throughJava } from '../java-number.ts'
import { isBlank, trim } from '../java-text.ts'
import {
  type CamundaMetadata,
  type CamundaReference,
  DOCUMENT_TYPE,
  type DocumentReference,
  type ExternalReference,
  type InlineReference,
} from './document-reference.ts'
import { utcDateTime } from './utc-date-time.ts'

const METADATA: BeanType = {
  className: 'io.camunda.connector.document.jackson.DocumentReferenceModel$CamundaDocumentMetadataModel',
  simpleName: 'CamundaDocumentMetadataModel',
}
const MAP = 'java.util.LinkedHashMap<java.lang.String,java.lang.Object>'

/** @param value - an object with the key `camunda.document.type`. */
export function bindReference(
  value: JsonObject,
  place: Place,
  compatibility: Compatibility,
): DocumentReference {
  const type = value[DOCUMENT_TYPE]
  if (type === 'camunda') return bindCamunda(value, place)
  if (type === 'external') return bindExternal(value, place)
  // 8.8 has no inline documents.
  if (type === 'inline' && compatibility !== '8.8') return bindInline(value, place)
  throw invalidFormat(place.path, null)
}

function bindCamunda(value: JsonObject, place: Place): CamundaReference {
  let bound: CamundaReference = {
    kind: 'camunda',
    storeId: null,
    documentId: null,
    contentHash: null,
    metadata: null,
  }
  for (const [name, item] of Object.entries(value)) {
    const at = within(place, name)
    if (name === 'storeId' || name === 'documentId' || name === 'contentHash')
      bound = { ...bound, [name]: bindString(item, at) }
    if (name === 'metadata') bound = { ...bound, metadata: bindMetadata(item, at) }
  }
  return bound
}

function bindMetadata(value: JsonValue, place: Place): CamundaMetadata | null {
  const read = (properties: JsonObject): CamundaMetadata => {
    let bound: CamundaMetadata = {
      contentType: null,
      expiresAt: null,
      size: null,
      fileName: null,
      processDefinitionId: null,
      processInstanceKey: null,
      customProperties: null,
    }
    for (const [name, item] of Object.entries(properties)) {
      const at = within(place, name)
      if (name === 'contentType' || name === 'fileName' || name === 'processDefinitionId')
        bound = { ...bound, [name]: bindString(item, at) }
      if (name === 'size' || name === 'processInstanceKey') bound = { ...bound, [name]: bindLong(item, at) }
      if (name === 'expiresAt') bound = { ...bound, expiresAt: bindDateTime(item, at) }
      if (name === 'customProperties') bound = { ...bound, customProperties: bindMap(item, at) }
    }
    return bound
  }
  return bindBean(value, { type: METADATA, place, read })
}

/** Texts, and seconds since the epoch. */
function bindDateTime(value: JsonValue, place: Place): string | null {
  const seconds = numberText(value)
  const date = new Date(Number(seconds ?? 0) * 1000)
  if (seconds !== null && !Number.isNaN(date.getTime())) return utcDateTime(date.toISOString())
  const text = bindString(value, place)
  if (text === null || isBlank(text)) return null
  const bound = utcDateTime(text)
  if (bound === null) throw invalidFormat(place.path, 'OffsetDateTime')
  return bound
}

function bindMap(value: JsonValue, place: Place): JsonObject | null {
  if (value === null) return null
  const read = isJsonObject(value) ? throughJava(value) : null
  if (isJsonObject(read)) return read
  if (typeof value === 'boolean') throw wrongShape(MAP, 'Boolean', tokenOf(value))
  if (Array.isArray(value)) throw wrongShape(MAP, 'Array', tokenOf(value))
  if (typeof value === 'string') {
    const text = trim(value)
    if (text === '') throw invalidFormat(place.path, 'LinkedHashMap')
    throw mismatch(
      `Cannot construct instance of \`java.util.LinkedHashMap\` (although at least one Creator exists): no String-argument constructor/factory method to deserialize from String value ('${text}')`,
    )
  }
  const token = tokenOf(value)
  throw wrongShape(MAP, token === 'VALUE_NUMBER_INT' ? 'Integer' : 'Floating-point', token)
}

function bindExternal(value: JsonObject, place: Place): ExternalReference {
  let bound: ExternalReference = { kind: 'external', url: null, name: null }
  for (const [name, item] of Object.entries(value)) {
    if (name === 'url' || name === 'name') bound = { ...bound, [name]: bindString(item, within(place, name)) }
  }
  return bound
}

function bindInline(value: JsonObject, place: Place): InlineReference {
  const { content = null } = value
  if (content === null) throw mismatch('Inline document content must not be null')
  const text = typeof content === 'string' ? content : stringifyJson(throughJava(content))
  const name = bindString(value['name'], within(place, 'name')) ?? ''
  const contentType = bindString(value['contentType'], within(place, 'contentType'))
  return { kind: 'inline', content: text, name: isBlank(name) ? madeUpName(text) : name, contentType }
}

/** The Java connector makes up a random UUID. This one stays the same when the job is bound again. */
function madeUpName(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function within(place: Place, name: string): Place {
  return { ...place, path: [...place.path, name] }
}
