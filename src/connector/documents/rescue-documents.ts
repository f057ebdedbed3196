// Element templates from version 4 on collect the documents in a hidden FEEL expression, which some engines evaluate to null: the documents
// are lost without a message. The user's choice is still in the helper keys beside it, and the list is restored from them, if that is
// turned on. Pure.
import { isJsonObject, type JsonObject, type JsonValue } from '../../job/json.ts'
import { DOCUMENT_TYPE } from './document-reference.ts'

/** Prefix of the helper keys, before an underscore. */
export const DOCUMENT_HELPERS = 'data_newDocuments'

/** @param data - the input `data` of action converse. @returns the same with lost documents restored. */
export function withRescuedDocuments(data: JsonObject): JsonObject {
  const { newDocuments = null } = data
  const rescued = newDocuments === null ? rescue(data) : null
  return rescued === null ? data : { ...data, newDocuments: rescued }
}

function rescue(data: JsonObject): JsonValue {
  switch (data[`${DOCUMENT_HELPERS}_documentMode`]) {
    case 'single':
      return single(data)
    case 'multiple':
      return data[`${DOCUMENT_HELPERS}_multiple_expression`] ?? null
    default:
      return null
  }
}

function single(data: JsonObject): JsonValue {
  const helper = (name: string): JsonValue => data[`${DOCUMENT_HELPERS}_single_${name}`] ?? null
  const source = helper('documentSource') ?? 'camunda'
  if (source === 'inline') {
    const [content, name, contentType] = [
      helper('inline_content'),
      helper('inline_fileName'),
      helper('inline_contentType'),
    ]
    return content === null ? null : [{ [DOCUMENT_TYPE]: 'inline', content, name, contentType }]
  }
  if (source === 'external') {
    const [url, name] = [helper('external_url'), helper('external_fileName')]
    return url === null ? null : [{ [DOCUMENT_TYPE]: 'external', url, name }]
  }
  const reference = helper('camundaReference')
  return isJsonObject(reference) || Array.isArray(reference) ? [reference] : null
}
