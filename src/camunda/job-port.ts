// The one border to Zeebe's job commands. Everything behind it may be replaced (gRPC today, REST later);
// test/camunda/job-port.contract.ts is the suite that every implementation passes.
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

/** What the gateway says of the cluster. */
export interface Topology {
  readonly gatewayVersion: string
  readonly clusterSize: number
  readonly partitionsCount: number
}

/**
 * Zeebe's job commands. Every call rejects with `GatewayError`, never anything else. Every call but a stream is
 * bounded by a deadline. A command that resolves was acknowledged by the gateway.
 */
export interface JobPort {
  /**
   * Takes up to `maxJobs` jobs, hands them over as they come, and resolves with how many they were: none when none came within
   * `requestTimeoutMs` (some engines answer at once). When it breaks off or is aborted midway, it resolves, too, where any had
   * come: they are leased. `onJob` must not throw.
   */
  activate(request: PollRequest, onJob: (job: ActivatedJob) => void, signal: AbortSignal): Promise<number>
  /**
   * Opens a job stream and hands over jobs as they come; those that waited before are left to polls. Resolves when
   * the stream ended in order or `signal` aborted it, rejects when it broke. It is not reopened here. While a promise that `onJob` returned is pending, no
   * more jobs are read, and a gateway that minds it offers them elsewhere: the way to hold a stream without losing
   * jobs that are on their way.
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
  /** Rejects what is open, streams too, as `aborted`, and closes the connection. Idempotent. */
  close(): Promise<void>
}
