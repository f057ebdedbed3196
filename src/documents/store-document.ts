// Stores a document in Camunda's document store, and gives the reference to it.
import { randomUUID } from 'node:crypto'
import mime from 'mime'
import { FormData } from 'undici'
import type { RestClient } from '../camunda/rest-client.ts'
import { RestError } from '../camunda/rest-error.ts'
import type { StoreDocument } from '../connector/created-documents.ts'
import { isJsonObject, type JsonObject, parseJson } from '../job/json.ts'
import { pause } from '../time/bounded-wait.ts'

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

interface Patience {
  /** How long the store may refuse, ms. */
  readonly patienceMs: number
  /** Ends the retries. */
  readonly stopping: AbortSignal
  readonly onFailure: (error: unknown) => void
}

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 10_000

/** Retries while the store may accept the document later: it is part of an answer that was paid. Rejects with the last error. */
export function patientStore(
  store: StoreDocument,
  { patienceMs, stopping, onFailure }: Patience,
): StoreDocument {
  return async (document) => {
    const until = performance.now() + patienceMs
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LONGEST_DELAY_MS, 2 * delayMs)) {
      try {
        return await store(document)
      } catch (error) {
        const mayPass = error instanceof RestError && error.later
        if (!mayPass || stopping.aborted || performance.now() + delayMs > until) throw error
        onFailure(error)
        await pause(delayMs, stopping)
      }
    }
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
