// Documents in Camunda's document store, through its REST API: contents and links. Failures are worded as the Java client words them.
// Never shows a content.
import { STATUS_CODES } from 'node:http'
import type { RestClient } from '../camunda/rest-client.ts'
import { RestError } from '../camunda/rest-error.ts'
import { javaError, RUNTIME } from '../connector/connector-error.ts'
import type { CamundaReference } from '../connector/documents/document-reference.ts'
import type { DocumentContent, Supplied } from '../connector/documents/document-supply.ts'
import type { MayHold } from './read-within.ts'

interface CamundaDocumentOptions {
  /** Null where no address is set. */
  readonly rest: RestClient | null
  /** Longest content, bytes. */
  readonly maxBytes: number
  /** For one call, ms. */
  readonly timeoutMs: number
}

/** Both methods reject only when `signal` is aborted. */
export interface CamundaDocuments {
  /** @param mayHold - if it refuses, the content is dropped, and the result is a failure. */
  content(
    reference: CamundaReference,
    signal: AbortSignal,
    mayHold: MayHold,
  ): Promise<Supplied<DocumentContent>>
  /** @param timeToLiveMs - how long the link works; null for the store's default. */
  link(
    reference: CamundaReference,
    timeToLiveMs: number | null,
    signal: AbortSignal,
  ): Promise<Supplied<string>>
}

const NO_ADDRESS =
  "no address of Camunda's REST API is set: set ZEEBE_REST_ADDRESS for the Quarry workers that call Bedrock"

export function makeCamundaDocuments({
  rest,
  maxBytes,
  timeoutMs,
}: CamundaDocumentOptions): CamundaDocuments {
  const call = async <Value>(
    reference: CamundaReference,
    signal: AbortSignal,
    work: (client: RestClient, id: string) => Promise<Value>,
  ): Promise<Supplied<Value>> => {
    if (reference.documentId === null) return failed('documentId must not be null')
    // As part of a path these would lead elsewhere in Camunda's API, with our token.
    if (/^\.\.?$/.test(reference.documentId)) return failed(`'${reference.documentId}' is no documentId`)
    if (rest === null) return failed(NO_ADDRESS)
    try {
      return { ok: true, value: await work(rest, encodeURIComponent(reference.documentId)) }
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof RestError) return failed(describe(error))
      throw error
    }
  }
  return {
    content: (reference, signal, mayHold) =>
      call(reference, signal, async (client, id) => {
        const path = `/v2/documents/${id}${query(reference)}`
        const { body } = await client.get(path, { maxBytes, mayHold, timeoutMs, signal })
        return { bytes: body, fileName: null, contentType: null }
      }),
    link: (reference, timeToLiveMs, signal) =>
      call(reference, signal, async (client, id) => {
        const path = `/v2/documents/${id}/links${query(reference)}`
        const request = timeToLiveMs === null ? {} : { timeToLive: timeToLiveMs }
        const { body } = await client.post(path, request, { timeoutMs, signal })
        return linkIn(body)
      }),
  }
}

function query({ storeId, contentHash }: CamundaReference): string {
  const parameters = new URLSearchParams({
    ...(storeId === null ? {} : { storeId }),
    ...(contentHash === null ? {} : { contentHash }),
  })
  return parameters.size === 0 ? '' : `?${parameters}`
}

function linkIn(body: Buffer): string {
  try {
    const { url } = JSON.parse(body.toString('utf8')) as { url?: unknown }
    if (typeof url === 'string') return url
  } catch {
    // The error below says it.
  }
  throw new RestError("Camunda's answer has no link", { status: null })
}

function failed(reason: string): { ok: false; error: ReturnType<typeof javaError> } {
  return { ok: false, error: javaError(RUNTIME, `Failed to read document content: ${reason}`) }
}

/** In the words of `io.camunda.client`. */
function describe({ status, message, problem }: RestError): string {
  if (status === null || status < 300) return message
  const failure = `Failed with code ${status}: '${STATUS_CODES[status] ?? ''}'`
  if (problem === null) return failure
  const lines = ['type', 'title', 'status', 'detail', 'instance'] as const
  const details = lines.map((name) => `    ${name}: ${problem[name]}\n`).join('')
  return `${failure}. Details: 'class ProblemDetail {\n${details}}'`
}
