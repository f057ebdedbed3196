// The border to Zeebe's process commands: what the demo, the tests and an operator's command need to run diagrams.
// The way of a job never uses it.
import type { JobKey } from '../job/ids.ts'

/** A BPMN process that was deployed. */
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
  /** Deploys BPMN, DMN and form files; the name's ending says which. */
  deploy(
    resources: readonly { readonly name: string; readonly content: Buffer }[],
  ): Promise<readonly DeployedProcess[]>
  createInstance(request: InstanceRequest): Promise<{ readonly processInstanceKey: string }>
  /** Starts an instance and waits for its end, `requestTimeoutMs` at most. All variables unless some are named. */
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
    /** Only in the scope of this element. @default false */
    readonly local?: boolean
  }): Promise<void>
  /** Ends open calls and closes the connection. Idempotent. */
  close(): Promise<void>
}
