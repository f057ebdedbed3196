// The only interface to Zeebe's job commands. Everything behind it can be replaced (gRPC today, REST later);
// test/camunda/job-port.contract.ts is the test suite that every implementation passes.
import type { ActivatedJob } from '../job/activated-job.ts'
import type { JobKey } from '../job/ids.ts'

/** What to activate. Durations are ms. */
export interface ActivationRequest {
  readonly type: string
  /** Name of this worker, shown in Operate. */
  readonly worker: string
  /** The lease asked for: Zeebe offers the job again when it ends. */
  readonly timeoutMs: number
  /** Names of the variables to fetch; anything else stays in Zeebe. */
  readonly fetchVariables: readonly string[]
  readonly tenantIds: readonly string[]
}

/** A poll. */
export interface PollRequest extends ActivationRequest {
  readonly maxJobs: number
  /** How long the gateway may hold the request open while there is no job (long polling). */
  readonly requestTimeoutMs: number
}

/** The gateway's description of the cluster. */
export interface Topology {
  readonly gatewayVersion: string
  readonly clusterSize: number
  readonly partitionsCount: number
}

/**
 * Zeebe's job commands. Every call rejects with `GatewayError`, never anything else. Every call but a stream has a deadline. A command
 * that resolves was acknowledged by the gateway.
 */
export interface JobPort {
  /**
   * Takes up to `maxJobs` jobs, passes them on as they come, and resolves with their number: 0 if none came within `requestTimeoutMs`
   * (some engines answer at once). If it breaks off or is aborted after some jobs came, it resolves as well, since they are leased.
   * `onJob` must not throw.
   */
  activate(request: PollRequest, onJob: (job: ActivatedJob) => void, signal: AbortSignal): Promise<number>
  /**
   * Opens a job stream and passes jobs on as they come; jobs that waited before are left to polls. Resolves when the stream ended normally
   * or `signal` aborted it, rejects when it broke. It is not reopened. While a promise that `onJob` returned is pending, no more jobs are
   * read, and a gateway that notices offers them elsewhere: this holds a stream without losing jobs on their way.
   */
  stream(
    request: ActivationRequest,
    onJob: (job: ActivatedJob) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void>
  complete(command: { readonly jobKey: JobKey; readonly variables: string }): Promise<void>
  fail(command: {
    readonly jobKey: JobKey
    /** Retries left, absolute. */
    readonly retries: number
    readonly retryBackoffMs: number
    readonly errorMessage: string
    readonly variables: string
  }): Promise<void>
  throwError(command: {
    readonly jobKey: JobKey
    readonly errorCode: string
    readonly errorMessage: string
    readonly variables: string
  }): Promise<void>
  /** Sets the lease to `timeoutMs` from now. */
  extend(command: {
    readonly jobKey: JobKey
    readonly timeoutMs: number
    /** @default as long as every call may take */
    readonly answerWithinMs?: number
  }): Promise<void>
  topology(): Promise<Topology>
  /** Rejects open calls and streams as `aborted`, and closes the connection. Idempotent. */
  close(): Promise<void>
}
