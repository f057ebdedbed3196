// A failed execution as the diagram sees it: the Java connector's exception class and message. Error expressions and incidents are written
// against these texts, so they are part of the contract. Data only.
import type { JsonObject } from '../job/json.ts'

/** A failure of the connector. */
export interface ConnectorError {
  /** Java class name, as `error.type` in error expressions. */
  readonly type: string
  readonly message: string
  /** True for what no retry can fix (`ConnectorInputException`): the job's retries go to 0. */
  readonly input: boolean
  /** Time until the next try, ms, instead of the task header's. */
  readonly retryBackoffMs?: number
  /** `error.code` in error expressions: only failures of the runtime's HTTP client for documents have one. */
  readonly code?: string
  /** For an error of AWS. */
  readonly aws?: AwsFacts
  /** Further members of `error` in expressions and variables. */
  readonly shown?: JsonObject
}

export interface AwsFacts {
  /** AWS's name of the exception, such as `ValidationException`. */
  readonly name: string
  /** HTTP status; null without an answer. */
  readonly status: number | null
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
}

const INPUT = 'io.camunda.connector.api.error.ConnectorInputException'
export const NULL_POINTER = 'java.lang.NullPointerException'
export const ILLEGAL_ARGUMENT = 'java.lang.IllegalArgumentException'
export const RUNTIME = 'java.lang.RuntimeException'
export const SDK_CLIENT = 'software.amazon.awssdk.core.exception.SdkClientException'

/** A failure caused by the diagram's input: the job's retries go to 0. */
export function inputError(message: string): ConnectorError {
  return { type: INPUT, message, input: true }
}

/** Any other failure, by its Java class name: it costs one retry. */
export function javaError(type: string, message: string): ConnectorError {
  return { type, message, input: false }
}
