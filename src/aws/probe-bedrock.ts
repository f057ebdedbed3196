// Whether and how Bedrock can be reached, for `quarry doctor`. Sends no call that costs money.
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import type { HttpRequest } from '@smithy/core/protocols'
import type { CallFailure } from '../job/call-failure.ts'
import { writeHostPort } from '../job/host-port.ts'
import { type AwsHttpOptions, makeConnector } from './aws-http.ts'
import { describeFailure } from './call-failure.ts'
import { type Endpoint, endpointOf, proxyFor } from './proxy-route.ts'

export interface BedrockProbe {
  /** `host:port` of the region's calls. */
  readonly endpoint: string
  /** `http://host:port` of the proxy; null for none. */
  readonly via: string | null
  /** The connection's protocol; null without a connection. */
  readonly protocol: 'HTTP/2' | 'HTTP/1.1' | null
  /** Status of the answer to an unsigned request; null without an answer. */
  readonly status: number | null
  /** Duration of the whole probe, ms. */
  readonly tookMs: number
  /** Why there is no answer (`connect` has the step, `message` what to check); null if there is one. */
  readonly failure: CallFailure | null
}

/** Limit for the answer, once there is a connection. */
const ANSWER_MS = 8_000

/**
 * Connects to Bedrock the way that calls do, and sends an unsigned request: it is refused, and costs nothing.
 * @param endpoint - in place of AWS's own (`AWS_ENDPOINT_URL_BEDROCK_RUNTIME`).
 * @throws Error when the file of certificates cannot be read, or the region has no endpoint
 */
export async function probeBedrock(
  region: string,
  endpoint: string | undefined,
  way: AwsHttpOptions,
): Promise<BedrockProbe> {
  const target = await bedrockEndpoint(region, endpoint)
  const authority = writeHostPort(target)
  const begunAt = performance.now()
  const told = { endpoint: authority, via: proxyFor(target, way)?.address ?? null }
  let protocol: BedrockProbe['protocol'] = null
  const end = (status: number | null, failure: CallFailure | null): BedrockProbe => {
    return { ...told, protocol, status, failure, tookMs: Math.round(performance.now() - begunAt) }
  }
  try {
    const connection = await (await makeConnector(way)(target)).begin()
    protocol = connection.version === 'h2' ? 'HTTP/2' : 'HTTP/1.1'
    try {
      connection.take()
      const request = { method: 'GET', path: '/', authority, headers: {}, body: undefined }
      return end((await connection.send(request, AbortSignal.timeout(ANSWER_MS))).status, null)
    } finally {
      connection.destroy()
    }
  } catch (error) {
    return end(null, describeFailure(error))
  }
}

/** Where the SDK sends a region's calls: it knows FIPS and dual-stack endpoints, and those of the AWS profile. */
export async function bedrockEndpoint(region: string, endpoint: string | undefined): Promise<Endpoint> {
  let asked: HttpRequest | undefined
  const client = new BedrockRuntimeClient({
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    authSchemePreference: ['sigv4'],
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: {
      handle(request: HttpRequest) {
        asked = request
        return Promise.reject(new Error('Nothing is sent'))
      },
    },
  })
  const thrown = await client.send(new InvokeModelCommand({ modelId: 'none', body: '{}' })).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (asked === undefined) throw thrown
  const { protocol, hostname, port } = asked
  const url = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`)
  const found = endpointOf(url)
  if (found === null) throw new Error(`${url.origin} is no address of HTTP`)
  return found
}
