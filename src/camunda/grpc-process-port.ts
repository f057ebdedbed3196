// The process port over gRPC, on the same client as the job port: one call of the gateway for each command.
import { type GatewayOptions, makeGatewayClient } from './gateway-client.ts'
import { decodeDeployedProcesses, decodeInstance } from './gateway-protocol.ts'
import type { InstanceRequest, ProcessPort } from './process-port.ts'

const LATEST_VERSION = -1

/**
 * Makes the port. It connects with the first call.
 * @throws TypeError when the address is not understood, Error when a certificate file cannot be read.
 */
export function makeGrpcProcessPort(options: GatewayOptions): ProcessPort {
  const client = makeGatewayClient(options)
  const command = async (method: string, about: string, request: object): Promise<void> => {
    await client.unary({ method, request, about })
  }

  return {
    async deploy(resources) {
      const about = resources.map(({ name }) => name).join(', ')
      return decodeDeployedProcesses(
        await client.unary({ method: 'DeployResource', request: { resources }, about }),
      )
    },
    async createInstance(request) {
      const { processInstanceKey } = decodeInstance(
        await client.unary({
          method: 'CreateProcessInstance',
          request: creation(request),
          about: `process ${request.bpmnProcessId}`,
        }),
      )
      return { processInstanceKey }
    },
    async createInstanceWithResult({ requestTimeoutMs, fetchVariables = [], ...request }) {
      return decodeInstance(
        await client.unary(
          {
            method: 'CreateProcessInstanceWithResult',
            request: { request: creation(request), requestTimeout: requestTimeoutMs, fetchVariables },
            about: `process ${request.bpmnProcessId}`,
          },
          requestTimeoutMs + client.callTimeoutMs,
        ),
      )
    },
    cancelInstance: (processInstanceKey) =>
      command('CancelProcessInstance', `instance ${processInstanceKey}`, { processInstanceKey }),
    resolveIncident: (incidentKey) => command('ResolveIncident', `incident ${incidentKey}`, { incidentKey }),
    updateJobRetries: (request) => command('UpdateJobRetries', `job ${request.jobKey}`, request),
    setVariables: (request) => command('SetVariables', `element ${request.elementInstanceKey}`, request),
    async close() {
      client.close()
    },
  }
}

function creation({ bpmnProcessId, variables, version = LATEST_VERSION }: InstanceRequest): object {
  return { bpmnProcessId, variables, version }
}
