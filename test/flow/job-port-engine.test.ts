// The job port's contract against the real engine.
import { inject } from 'vitest'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { describeJobPort } from '../camunda/job-port.contract.ts'

const PROCESS = 'job-port-contract'
// One task of a type given by the instance, with a way out for the error `refused`. The variables of an error are local
// to the event that catches it: the mapping shows them to the process.
const DIAGRAM = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="${PROCESS}" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:sequenceFlow id="to-task" sourceRef="start" targetRef="task" />
    <bpmn:serviceTask id="task">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="=jobType" retries="3" />
        <zeebe:taskHeaders><zeebe:header key="resultVariable" value="answer" /></zeebe:taskHeaders>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="to-end" sourceRef="task" targetRef="end" />
    <bpmn:endEvent id="end" />
    <bpmn:boundaryEvent id="caught" attachedToRef="task">
      <bpmn:extensionElements>
        <zeebe:ioMapping><zeebe:output source="=reason" target="reason" /></zeebe:ioMapping>
      </bpmn:extensionElements>
      <bpmn:errorEventDefinition errorRef="refused" />
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="to-refused-end" sourceRef="caught" targetRef="refused-end" />
    <bpmn:endEvent id="refused-end" />
  </bpmn:process>
  <bpmn:error id="refused" errorCode="refused" />
</bpmn:definitions>
`

describeJobPort('the gRPC job port on the real engine', async () => {
  const address = inject('zeebeGrpcAddress')
  const processes = makeGrpcProcessPort({ address })
  await processes.deploy([{ name: `${PROCESS}.bpmn`, content: Buffer.from(DIAGRAM) }])
  const jobType = `job-port-contract-${crypto.randomUUID()}`
  const instance = (variables: Readonly<Record<string, string>> = {}) => {
    const texts = Object.entries({ jobType: JSON.stringify(jobType), ...variables })
    const text = `{${texts.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
    return { bpmnProcessId: PROCESS, variables: text }
  }
  return {
    port: makeGrpcJobPort({ address }),
    jobType,
    async createJob(job = {}) {
      await processes.createInstance(instance(job.variables))
    },
    async createJobToEnd() {
      const ended = await processes.createInstanceWithResult({ ...instance(), requestTimeoutMs: 30_000 })
      return ended.variables
    },
    leaseCheckMs: 1_000,
    keepsNumberText: false,
    limitsRecords: true,
    keepsFailVariables: true,
    hasTenants: false,
    faults: null,
    stop: () => processes.close(),
  }
})
