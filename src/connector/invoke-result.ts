// From InvokeModel's answer to the connector's response `{"body": …}`. Pure; never logs the answer.
import { type JsonValue, parseJson } from '../job/json.ts'
import type { AnswerFile } from './answer-documents.ts'
import { type ConnectorError, javaError, RUNTIME } from './connector-error.ts'
import { scanJson } from './jackson-json.ts'
import { NestingError, throughJava } from './java-number.ts'

/** The connector's response, or why there is none. */
export type ConnectorResponse =
  | {
      readonly ok: true
      readonly response: JsonValue
      /** An answer that is not JSON, which becomes the `body` of the response as a document. */
      readonly file?: AnswerFile
      readonly stopReason?: string
    }
  | { readonly ok: false; readonly error: ConnectorError }

/**
 * @param bodyText - the response body. What follows its first JSON value is ignored, as in Jackson.
 */
export function invokeResponse(bodyText: string): ConnectorResponse {
  const read = readBody(bodyText)
  if (!read.ok) return { ok: false, error: javaError(RUNTIME, read.message) }
  try {
    return { ok: true, response: { body: throughJava(read.value) } }
  } catch (error) {
    if (error instanceof NestingError) return { ok: false, error: javaError(RUNTIME, error.message) }
    throw error
  }
}

type Read =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string }

function readBody(text: string): Read {
  try {
    return { ok: true, value: parseJson(text) }
  } catch {
    const scanned = scanJson(text)
    if (!scanned.ok) return { ok: false, message: scanned.fault.message }
    return { ok: true, value: parseJson(text.slice(0, scanned.end)) }
  }
}
