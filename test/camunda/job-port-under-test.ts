// What the contract suite of the job port needs of an implementation and its gateway.
import type { JobPort } from '../../src/camunda/job-port.ts'

/** A port with a gateway behind it, made anew for each test. */
export interface JobPortUnderTest {
  readonly port: JobPort
  /** A job type that no other test uses. */
  readonly jobType: string
  /** Puts in a job. Variables are JSON text by name. */
  createJob(job?: { variables?: Readonly<Record<string, string>>; tenantId?: string }): Promise<void>
  /** Puts in a job, and resolves with the variables that the process ended with, as JSON text. */
  createJobToEnd(): Promise<string>
  /** How often the gateway looks for leases that have run out, ms. */
  readonly leaseCheckMs: number
  /** Whether numbers keep the very text they came with; an engine keeps 64-bit integers only. */
  readonly keepsNumberText: boolean
  /** Whether the variables of a failed job are there when it is activated again. */
  readonly keepsFailVariables: boolean
  /** Whether variables are refused that make the engine's records larger than a message may be. */
  readonly limitsRecords: boolean
  /** Whether jobs may belong to tenants `a` and `b`. */
  readonly hasTenants: boolean
  /** How the gateway is made to fail, if it can be. */
  readonly faults: Faults | null
  /** Closes what `setup` opened, but the port. */
  stop(): Promise<void>
}

export interface Faults {
  goAway(): Promise<void>
  comeBack(): Promise<void>
  /** From now on no call is answered. */
  hang(): void
  /** The time limit of a call of this port, ms. */
  readonly callTimeoutMs: number
}
