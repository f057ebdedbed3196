/**
 * What a failed gateway call means for its caller:
 * - `gone`: the job no longer exists (completed, or its instance was cancelled): drop it, count it;
 * - `notActive`: the job exists but cannot take the command now (failed, in back-off or an incident);
 * - `later`: the gateway is away, busy or slow: the same call may go through later;
 * - `tooLarge`: the message exceeds the gateway's limit: it never goes through as it is;
 * - `rejected`: the gateway refuses the command: it never goes through as it is;
 * - `aborted`: this process gave the call up.
 */
export type GatewayDisposition = 'gone' | 'notActive' | 'later' | 'tooLarge' | 'rejected' | 'aborted'

/** Thrown when a call to the Zeebe gateway failed. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly disposition: GatewayDisposition
  /** The gRPC status by name, such as `NOT_FOUND`. */
  readonly status: string

  constructor(
    message: string,
    details: { disposition: GatewayDisposition; status: string; cause?: unknown },
  ) {
    super(message, { cause: details.cause })
    this.disposition = details.disposition
    this.status = details.status
  }
}
