/**
 * What a failed gateway call means for the one who made it:
 * - `gone`: the job does not exist any more (completed, or its instance was cancelled): drop it, count it;
 * - `notActive`: the job exists but cannot take the command now (failed, in back-off or an incident);
 * - `later`: the gateway is away, busy or slow: the same call may go through later;
 * - `tooLarge`: the message exceeds what the gateway takes: never again as it is;
 * - `rejected`: the gateway will not take this command: never again as it is;
 * - `aborted`: this process gave the call up.
 */
export type GatewayDisposition = 'gone' | 'notActive' | 'later' | 'tooLarge' | 'rejected' | 'aborted'

/** Thrown when a call to the Zeebe gateway did not go through. */
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
