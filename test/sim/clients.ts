// The real AWS SDK client against a running stand-in, over HTTP/1.1 or HTTP/2. Its own retries are off, so that one
// `send` is one call.
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { onTestFinished } from 'vitest'
import { type Sim, type SimOptions, startSim } from '../../sim/sim.ts'

export interface Account {
  accessKeyId: string
  secretAccessKey: string
  region: string
}

export const ACCOUNT: Account = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', region: 'eu-west-1' }

/** A stand-in for one test, stopped after it. */
export async function simForTest(options: SimOptions = {}): Promise<Sim> {
  const sim = await startSim(options)
  onTestFinished(() => sim.stop())
  return sim
}

/** A client over plain HTTP/1.1, destroyed after the test. */
export function plainClient(sim: Sim, account: Partial<Account> = {}): BedrockRuntimeClient {
  return client(sim.url, new NodeHttpHandler({ requestTimeout: 10_000 }), account)
}

/** A client over TLS and HTTP/1.1, which trusts the stand-in's certificate. */
export function tlsClient(sim: Sim): BedrockRuntimeClient {
  const httpsAgent = new Agent({ ca: readFileSync(sim.caFile) })
  return client(sim.tlsUrl, new NodeHttpHandler({ httpsAgent }), {})
}

/** A client over TLS and HTTP/2, many calls on one session, which trusts the stand-in's certificate. */
export function http2Client(sim: Sim): BedrockRuntimeClient {
  const handler = new NodeHttp2Handler({
    disableConcurrentStreams: false,
    nodeHttp2ConnectOptions: { ca: readFileSync(sim.caFile) },
  })
  return client(sim.tlsUrl, handler, {})
}

function client(
  endpoint: string,
  requestHandler: NodeHttpHandler | NodeHttp2Handler,
  account: Partial<Account>,
): BedrockRuntimeClient {
  const { region, ...credentials } = { ...ACCOUNT, ...account }
  const made = new BedrockRuntimeClient({ endpoint, region, credentials, requestHandler, maxAttempts: 1 })
  onTestFinished(() => made.destroy())
  return made
}

/** Converse with one user message. */
export function converse(
  modelId: string,
  text = 'Hello there',
  inferenceConfig: { maxTokens?: number } = {},
): ConverseCommand {
  return new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text }] }], inferenceConfig })
}

/** InvokeModel with a chat body, or the given one. */
export function invoke(
  modelId: string,
  body = '{"messages":[{"role":"user","content":"Hi"}]}',
): InvokeModelCommand {
  return new InvokeModelCommand({ modelId, body, contentType: 'application/json' })
}

/** What the call was refused with. */
export async function errorOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('The call was expected to be refused')
}
