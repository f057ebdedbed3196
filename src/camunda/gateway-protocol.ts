// Zeebe's gRPC protocol, from the proto file of the Camunda SDK, and the decoders of its messages. 64-bit integers are strings and variables
// are JSON text on both sides: no number passes through a JavaScript number.
import { fileURLToPath } from 'node:url'
import { loadSync, type MethodDefinition, type ServiceDefinition } from '@grpc/proto-loader'
import type { ActivatedJob } from '../job/activated-job.ts'
import { jobKey } from '../job/ids.ts'
import type { Topology } from './job-port.ts'
import type { DeployedProcess } from './process-port.ts'

const PROTO = fileURLToPath(new URL('./zeebe.proto', import.meta.url))
const SERVICE = 'gateway_protocol.Gateway'

/** The gateway's calls by name. Reads one file; takes about 30 ms. */
export function loadGatewayService(): ServiceDefinition {
  const options = { longs: String, enums: String, defaults: true, keepCase: true }
  const definition = loadSync(PROTO, options)[SERVICE]
  if (definition === undefined) throw new Error(`${PROTO} does not define ${SERVICE}.`)
  return definition as ServiceDefinition
}

/**
 * One call of the service.
 * @throws Error when the proto file does not define it.
 */
export function gatewayMethod(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = service[name]
  if (method === undefined) throw new Error(`${PROTO} does not define the call ${name}.`)
  return method
}

interface ActivatedJobMessage extends Omit<ActivatedJob, 'key' | 'deadlineMs'> {
  readonly key: string
  readonly deadline: string
}

/** Decodes a job from `ActivateJobs` or `StreamActivatedJobs`. */
export function decodeActivatedJob(message: object): ActivatedJob {
  const job = message as ActivatedJobMessage
  return {
    key: jobKey(job.key),
    type: job.type,
    processInstanceKey: job.processInstanceKey,
    processDefinitionKey: job.processDefinitionKey,
    bpmnProcessId: job.bpmnProcessId,
    elementId: job.elementId,
    elementInstanceKey: job.elementInstanceKey,
    // Empty from a gateway without tenants.
    tenantId: job.tenantId || '<default>',
    retries: job.retries,
    deadlineMs: Number(job.deadline),
    customHeaders: job.customHeaders,
    variables: job.variables,
  }
}

/** Decodes one message of an `ActivateJobs` answer. */
export function decodeActivatedJobs(message: object): readonly ActivatedJob[] {
  return (message as { readonly jobs: readonly object[] }).jobs.map(decodeActivatedJob)
}

/** Decodes a `Topology` answer. */
export function decodeTopology(message: object): Topology {
  const { gatewayVersion, clusterSize, partitionsCount } = message as Topology
  return { gatewayVersion, clusterSize, partitionsCount }
}

/** Decodes an answer of `CreateProcessInstance` or `CreateProcessInstanceWithResult`; the former has no variables. */
export function decodeInstance(message: object): { processInstanceKey: string; variables: string } {
  const { processInstanceKey, variables = '{}' } = message as {
    readonly processInstanceKey: string
    readonly variables?: string
  }
  return { processInstanceKey, variables }
}

/** Decodes the BPMN processes of a `DeployResource` answer. */
export function decodeDeployedProcesses(message: object): readonly DeployedProcess[] {
  const { deployments } = message as {
    readonly deployments: readonly { readonly process?: DeployedProcess | null }[]
  }
  return deployments.flatMap(({ process }) => {
    if (!process) return []
    const { bpmnProcessId, version, processDefinitionKey } = process
    return [{ bpmnProcessId, version, processDefinitionKey }]
  })
}
