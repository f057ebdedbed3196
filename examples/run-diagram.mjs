// Deploys a diagram, runs one instance of it, and prints the variables that it ends with. Copy it: it needs Node 20 and `npm install @camunda8/sdk`.
// It connects to ZEEBE_GRPC_ADDRESS, and takes the SDK's own variables for clusters with authentication.
//
//   node run-diagram.mjs first-diagram.bpmn '{"model": "amazon.nova-lite-v1:0", "question": "Hello?"}'
import { Camunda8 } from '@camunda8/sdk'

const PATIENCE_S = 10

const [processFilename, variables = '{}'] = process.argv.slice(2)
if (processFilename === undefined) {
  console.error('Usage: node run-diagram.mjs DIAGRAM.bpmn [VARIABLES AS JSON]')
  process.exit(2)
}
const { CAMUNDA_AUTH_STRATEGY = 'NONE' } = process.env
const zeebe = new Camunda8({ CAMUNDA_AUTH_STRATEGY, CAMUNDA_LOG_LEVEL: 'none' }).getZeebeGrpcApiClient()
const waiting = setTimeout(() => {
  console.error(`The instance has not ended within ${PATIENCE_S} s. Has it an incident?`)
  process.exit(1)
}, PATIENCE_S * 1_000)
try {
  const { deployments } = await zeebe.deployResource({ processFilename })
  const { bpmnProcessId, version } = deployments[0].process
  console.error(`Deployed ${bpmnProcessId}, version ${version}.`)
  const result = await zeebe.createProcessInstanceWithResult({
    bpmnProcessId,
    variables: JSON.parse(variables),
  })
  console.log(JSON.stringify(result.variables, null, 2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
clearTimeout(waiting)
process.exit()
