// How the connection to a gateway is made and kept.
import { readFileSync } from 'node:fs'
import { type ChannelCredentials, Client, credentials } from '@grpc/grpc-js'
import { readGatewayAddress } from './gateway-address.ts'

/** PEM files for a gateway whose certificate no public authority signed, or that asks for ours. */
export interface TlsFiles {
  readonly rootCertificateFile?: string | undefined
  readonly certificateChainFile?: string | undefined
  readonly privateKeyFile?: string | undefined
}

/**
 * Makes a gRPC client for an address. It connects with the first call; while the gateway is away it tries again
 * every 3 s at most, and calls fail at once.
 * @throws TypeError when the address is not understood, Error when a certificate file cannot be read.
 */
export function makeChannel(address: string, tls: TlsFiles | undefined): { client: Client; target: string } {
  const { target, secure } = readGatewayAddress(address)
  const client = new Client(target, secure ? tlsCredentials(tls) : credentials.createInsecure(), {
    // A gateway ends connections that are checked oftener than each 30 s (minKeepAliveInterval).
    'grpc.keepalive_time_ms': 45_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 3_000,
    // The gateway bounds messages. A limit of ours would refuse the same jobs after each lease, for ever.
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // A proxy for the world outside cannot reach this machine's own ports.
    'grpc.enable_http_proxy': /^(localhost:|127\.|\[::1\])/i.test(target) ? 0 : 1,
  })
  return { client, target }
}

function tlsCredentials(tls: TlsFiles | undefined): ChannelCredentials {
  const read = (file: string | undefined) => (file === undefined ? null : readFileSync(file))
  return credentials.createSsl(
    read(tls?.rootCertificateFile),
    read(tls?.privateKeyFile),
    read(tls?.certificateChainFile),
  )
}
