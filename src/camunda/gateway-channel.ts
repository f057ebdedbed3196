// Makes and keeps the connection to a gateway.
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js'
import { type GatewayAddress, readGatewayAddress } from '../job/gateway-address.ts'
import { probeConnection } from './probe-connection.ts'
import { readTlsFiles, type TlsFiles, type TlsMaterial } from './tls-files.ts'

/** As much as a few of the largest messages. */
const WINDOW_BYTES = 16 * 1024 * 1024

/** A connection to a gateway. */
export interface Channel {
  readonly client: Client
  /** `host:port` of the gateway. */
  readonly target: string
  /** Why no connection can be made, in words for a person; null if one can. */
  explain(): Promise<string | null>
}

/**
 * Makes a gRPC client for an address. It connects with the first call. While the gateway is away it retries at least every 3 s, and calls
 * fail at once.
 * @throws TypeError when the address is not understood, Error when a certificate file cannot be read.
 */
export function makeChannel(address: string, files: TlsFiles | undefined): Channel {
  const gateway = readAddress(address)
  const { target, secure } = gateway
  const tls = secure ? readTlsFiles(files) : {}
  const client = new Client(target, secure ? tlsCredentials(tls) : credentials.createInsecure(), {
    // A gateway closes connections with keep-alives more often than every 30 s (minKeepAliveInterval).
    'grpc.keepalive_time_ms': 45_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 3_000,
    // The gateway bounds messages. A limit here would refuse the same jobs after each lease, for ever.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // Bytes under way unread. With Node's 64 KB a job of 4 MB takes 60 round trips, and everything behind it waits.
    'grpc-node.flow_control_window': WINDOW_BYTES,
    // A proxy for the outside world cannot reach this machine's own ports.
    'grpc.enable_http_proxy': /^(localhost:|127\.|\[::1\])/i.test(target) ? 0 : 1,
  })
  return { client, target, explain: () => probeConnection(gateway, tls) }
}

function readAddress(text: string): GatewayAddress {
  const address = readGatewayAddress(text)
  if (address !== null) return address
  const shown = text.includes('@') ? 'with a user or password in it' : JSON.stringify(text)
  throw new TypeError(
    `Not the address of a Zeebe gateway: ${shown}. Give grpc://host:port, or grpcs://host:port for TLS.`,
  )
}

function tlsCredentials({ ca, key, cert }: TlsMaterial): ChannelCredentials {
  const buffer = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  return credentials.createSsl(buffer(ca?.join('\n')), buffer(key), buffer(cert))
}
