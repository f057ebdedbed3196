// Stores a document that an expression made in Camunda's document store, and gives the reference to it.
import { randomUUID } from 'node:crypto'
import mime from 'mime'
import { FormData } from 'undici'
import type { RestClient } from '../camunda/rest-client.ts'
import type { StoreDocument } from '../connector/created-documents.ts'
import { isJsonObject, type JsonObject, parseJson } from '../job/json.ts'

const UNKNOWN_TYPE = 'application/octet-stream'

/**
 * Stores by `POST /v2/documents`; rejects with RestError.
 * @param timeoutMs - for one document.
 */
export function makeStoreDocument(rest: RestClient, timeoutMs: number): StoreDocument {
  return async (document) => {
    const fileName = document.fileName ?? randomUUID()
    const contentType = document.contentType ?? mime.getType(fileName) ?? UNKNOWN_TYPE
    const form = new FormData()
    form.set('file', new File([new Uint8Array(document.content)], fileName, { type: contentType }))
    const about = JSON.stringify({ contentType, fileName })
    form.set('metadata', new Blob([about], { type: 'application/json' }))
    const { body } = await rest.upload('/v2/documents', form, { timeoutMs })
    return referenceIn(body)
  }
}

function referenceIn(body: Buffer): JsonObject {
  const answer = parseJson(body.toString('utf8'))
  if (!isJsonObject(answer) || typeof answer['documentId'] !== 'string') {
    throw new Error("Camunda's answer has no document in it")
  }
  const { storeId = null, documentId, contentHash = null, metadata = {} } = answer
  return { storeId, documentId, contentHash, metadata, 'camunda.document.type': 'camunda' }
}
