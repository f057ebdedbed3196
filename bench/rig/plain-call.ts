// A call of Bedrock as a developer would write it, on the AWS SDK alone. In its favour, calls share HTTP/2 sessions; the SDK's
// default opens one for each.
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttp2Handler } from '@smithy/node-http-handler'

/** The standard mode's own default: a call and two retries. */
const ATTEMPTS = 3

export interface Inputs {
  readonly configuration: { readonly region: string }
  readonly data: { readonly modelId: string; readonly newMessage: string; readonly maxTokens: number }
}

const { BENCH_RETRY_MODE: retryMode = 'standard' } = process.env
const requestHandler = new NodeHttp2Handler({ disableConcurrentStreams: false, maxConcurrentStreams: 50 })
const clients = new Map<string, BedrockRuntimeClient>()

function clientOf(region: string): BedrockRuntimeClient {
  const known = clients.get(region)
  if (known !== undefined) return known
  const client = new BedrockRuntimeClient({ region, maxAttempts: ATTEMPTS, retryMode, requestHandler })
  clients.set(region, client)
  return client
}

/** The text of the answer. */
export async function ask({ configuration, data }: Inputs): Promise<string> {
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
