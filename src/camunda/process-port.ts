// The interface to Zeebe's process commands, for the demo, the tests and an operator's commands. Jobs never need it.
import type { JobKey } from '../job/ids.ts'

/** A deployed BPMN process. */
export interface DeployedProcess {
  readonly bpmnProcessId: string
  readonly version: number
  readonly processDefinitionKey: string
}

/** An instance to start; `variables` is the JSON text of an object. */
export interface InstanceRequest {
  readonly bpmnProcessId: string
  readonly variables: string
  /** @default the latest version */
  readonly version?: number
}

/** Zeebe's process commands. Every call rejects with `GatewayError`, and is bounded by a deadline. */
export interface ProcessPort {
  /** Deploys BPMN, DMN and form files, by the extension of the name. */
  deploy(
    resources: readonly { readonly name: string; readonly content: Buffer }[],
  ): Promise<readonly DeployedProcess[]>
  createInstance(request: InstanceRequest): Promise<{ readonly processInstanceKey: string }>
  /** Starts an instance and waits for its end, at most `requestTimeoutMs`. Returns all variables unless some are named. */
  createInstanceWithResult(
    request: InstanceRequest & {
      readonly requestTimeoutMs: number
      readonly fetchVariables?: readonly string[]
    },
  ): Promise<{ readonly processInstanceKey: string; readonly variables: string }>
  cancelInstance(processInstanceKey: string): Promise<void>
  resolveIncident(incidentKey: string): Promise<void>
  updateJobRetries(command: { readonly jobKey: JobKey; readonly retries: number }): Promise<void>
  setVariables(command: {
    readonly elementInstanceKey: string
    readonly variables: string
    /** Whether to set them only in the scope of this element. @default false */
    readonly local?: boolean
  }): Promise<void>
  /** Ends open calls and closes the connection. Idempotent. */
  close(): Promise<void>
}
