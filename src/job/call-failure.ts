// A Bedrock call without an answer, as plain data: made where the AWS SDK is known, judged where the contract is.

/** Stands in place of an error's name for a job that waits for a budget. */
export const BUDGET_WAIT = 'BudgetWait'

/** A step on the way to a connection: name look-up, TCP, the proxy's answer to CONNECT, the TLS handshake. */
export type ConnectStep = 'lookup' | 'tcp' | 'proxy' | 'tls'

/** Why a Bedrock call gave no answer. Holds nothing of the request. */
export interface CallFailure {
  /** The AWS error's name, such as `ThrottlingException`; the SDK's or Node's if AWS did not answer. */
  readonly name: string
  readonly message: string
  /** HTTP status, absent when no answer came. */
  readonly status?: number
  readonly requestId?: string
  /** What `retry-after` or `x-amz-retry-after` asked for, ms. */
  readonly retryAfterMs?: number
  /** Set when no whole answer came over the network; `cut` when it had begun. */
  readonly network?: 'reset' | 'refused' | 'unknownHost' | 'timeout' | 'cut' | 'other'
  /** The step at which no connection could be made: AWS has not seen the call. Absent when there was a connection. */
  readonly connect?: ConnectStep
  /** `host:port` of the call, if the connection failed. */
  readonly endpoint?: string
  /** Set when there was a connection and AWS certainly did not begin the call, for example because HTTP/2 refused the stream. */
  readonly unprocessed?: boolean
  /** Set when the request never reached a connection: the request or the configuration is wrong. */
  readonly beforeSending?: boolean
  /** Characters of a streamed answer that had come. Set when a stream fails after its first event: the call is billed. */
  readonly generated?: number
  /** Set when our own time limit ended the call. */
  readonly timedOutAfterMs?: number
  /** Set when an answer came that is no JSON, or has the wrong shape. */
  readonly unreadable?: boolean
  /** Text of that answer. It may hold what a model said: never for a log or for Redis. */
  readonly body?: string
  /** Set when no credentials could be found. */
  readonly noCredentials?: boolean
}
