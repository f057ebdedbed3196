// What Quarry is measured against: a worker as a developer would write it, with Camunda's SDK and the retries of AWS's. A
// process of its own; BENCH_JOB_TYPE and BENCH_RETRY_MODE (standard or adaptive) say what it is. It is given what helps it:
// calls that share HTTP/2 sessions (the SDK's default opens one for each), and a job timeout that no call outlives.
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { Camunda8 } from '@camunda8/sdk'
import { NodeHttp2Handler } from '@smithy/node-http-handler'

/** The standard mode's own default: a call and two retries. */
const ATTEMPTS = 3
const JOBS_AT_A_TIME = 100
const JOB_TIMEOUT_MS = 5 * 60_000

interface Inputs {
  readonly configuration: { readonly region: string }
  readonly data: { readonly modelId: string; readonly newMessage: string; readonly maxTokens: number }
}

const { BENCH_JOB_TYPE: taskType = '', BENCH_RETRY_MODE: retryMode = 'standard' } = process.env
const requestHandler = new NodeHttp2Handler({ disableConcurrentStreams: false, maxConcurrentStreams: 50 })
const clients = new Map<string, BedrockRuntimeClient>()

function clientOf(region: string): BedrockRuntimeClient {
  const known = clients.get(region)
  if (known !== undefined) return known
  const client = new BedrockRuntimeClient({ region, maxAttempts: ATTEMPTS, retryMode, requestHandler })
  clients.set(region, client)
  return client
}

async function ask({ configuration, data }: Inputs): Promise<string> {
  const { modelId, newMessage, maxTokens } = data
  const answer = await clientOf(configuration.region).send(
    new ConverseCommand({
      modelId,
      messages: [{ role: 'user', content: [{ text: newMessage }] }],
      inferenceConfig: { maxTokens },
    }),
  )
  return answer.output?.message?.content?.[0]?.text ?? ''
}

const zeebe = new Camunda8({
  CAMUNDA_AUTH_STRATEGY: 'NONE',
  CAMUNDA_LOG_LEVEL: 'none',
}).getZeebeGrpcApiClient()
// Before the client has connected, a completion throws.
await zeebe.topology()
zeebe.createWorker({
  taskType,
  maxJobsToActivate: JOBS_AT_A_TIME,
  timeout: JOB_TIMEOUT_MS,
  taskHandler: async (job) => {
    try {
      return await job.complete({ answer: await ask(job.variables as unknown as Inputs) })
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error)
      // Without `retries` the SDK would leave none.
      return job.fail({ errorMessage, retries: job.retries - 1 })
    }
  },
})
console.log('ready')
