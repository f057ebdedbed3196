// `quarry demo --compare`: the same load on a plain worker, with quotas of its own that are as full as Quarry's were.

import type { Sim } from '../../../sim/sim.ts'
import { makeBedrockClients } from '../../aws/bedrock-clients.ts'
import type { GatewayOptions } from '../../camunda/gateway-client.ts'
import { makeGrpcJobPort } from '../../camunda/grpc-job-port.ts'
import type { ProcessPort } from '../../camunda/process-port.ts'
import { PLAIN_CREDENTIAL } from './demo-parts.ts'
import { runLoad } from './instances.ts'
import { startPlainWorker } from './plain-worker.ts'
import type { DemoSummary } from './summary.ts'

const PROCESS_ID = 'claim-triage-plain'
const JOB_TYPE = 'quarry-demo:plain'

export interface Compared {
  readonly processes: ProcessPort
  readonly gateway: GatewayOptions
  readonly sim: Sim
  /** The example with the connector's own job type. */
  readonly diagram: string
  readonly instances: number
}

export async function runPlain({
  processes,
  gateway,
  sim,
  diagram,
  instances,
}: Compared): Promise<DemoSummary> {
  const own = diagram
    .replaceAll('io.camunda:aws-bedrock:1', JOB_TYPE)
    .replaceAll('"claim-triage"', `"${PROCESS_ID}"`)
  await processes.deploy([{ name: `${PROCESS_ID}.bpmn`, content: Buffer.from(own) }])
  const jobs = makeGrpcJobPort(gateway)
  const clients = makeBedrockClients({ endpoint: sim.tlsUrl, caBundle: sim.caFile })
  const credential = PLAIN_CREDENTIAL
  const worker = startPlainWorker({ jobs, clients, credential, jobType: JOB_TYPE })
  try {
    const load = { processes, bpmnProcessId: PROCESS_ID, instances, exact: true, onEnd: () => undefined }
    const { complaints, ...result } = await runLoad({ ...load, incidents: worker.incidents })
    const [calls, throttled] = [worker.calls(), worker.throttled()]
    return { instances, ...result, calls, throttled, retried: throttled, quotaAllowsMs: null }
  } finally {
    await worker.stop()
    await jobs.close()
    clients.close()
  }
}
