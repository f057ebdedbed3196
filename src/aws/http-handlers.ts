// Connections to Bedrock, shared by all clients of the process. The SDK's own default opens a TLS session per
// call (docs/adr/0002): here many calls share one.
import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler'
import { trusting } from './trust.ts'

const STREAMS_PER_SESSION = 50
const SOCKETS = 256
const CONNECT_TIMEOUT_MS = 5_000
/** Beyond the time limit of a call: a session is destroyed with its calls when no byte moves for so long. */
const SESSION_GRACE_MS = 60_000

export interface HttpHandlers {
  /** HTTP/2 for `https:` endpoints and AWS itself, HTTP/1.1 with keep-alive for `http:` ones. */
  forEndpoint(endpoint: string | undefined): NodeHttpHandler | NodeHttp2Handler
  close(): void
}

/**
 * @param caBundle a PEM file with certificates to trust besides the usual ones (`AWS_CA_BUNDLE`).
 * @param callTimeoutMs how long a call may be silent: models send nothing until they have answered.
 */
export function makeHttpHandlers(caBundle: string | undefined, callTimeoutMs: number): HttpHandlers {
  const trust = trusting(caBundle)
  const http2 = new NodeHttp2Handler({
    disableConcurrentStreams: false,
    maxConcurrentStreams: STREAMS_PER_SESSION,
    sessionTimeout: callTimeoutMs + SESSION_GRACE_MS,
    nodeHttp2ConnectOptions: trust,
  })
  const http1 = new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: new Agent({ keepAlive: true, maxSockets: SOCKETS }),
    httpsAgent: new TlsAgent({ keepAlive: true, maxSockets: SOCKETS, ...trust }),
  })
  return {
    forEndpoint: (endpoint) => (endpoint?.toLowerCase().startsWith('http:') ? http1 : http2),
    close() {
      http1.destroy()
      http2.destroy()
    },
  }
}
