import type { JobKey } from './ids.ts'

/** A Zeebe job as the gateway hands it out. Variables and headers stay the JSON text that came over the wire. */
export interface ActivatedJob {
  readonly key: JobKey
  readonly type: string
  readonly processInstanceKey: string
  readonly processDefinitionKey: string
  readonly bpmnProcessId: string
  readonly elementId: string
  readonly elementInstanceKey: string
  readonly tenantId: string
  /** Retries left when the job was activated. */
  readonly retries: number
  /** When the lease of this activation ends, ms since the epoch, by the broker's clock. */
  readonly deadlineMs: number
  /** Task headers: a JSON object of strings. */
  readonly customHeaders: string
  /** The fetched variables: a JSON object, kept as text because numbers in it may exceed 2^53. */
  readonly variables: string
}

/** An activated job and the lease it has. */
export interface LeasedJob extends ActivatedJob {
  /** The lease that Zeebe was asked for, ms: ours, or the task's own (header `jobTimeout`). */
  readonly leaseMs: number
  /** When Zeebe handed it out, ms since the epoch, by the broker's clock. */
  readonly activatedMs: number
}
