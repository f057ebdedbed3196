// Opens a connection to learn why calls fail: HTTP clients say little about a TLS handshake that the other side ended. Sends no call, and
// no credential but the client certificate.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { type GatewayAddress, readGatewayAddress } from '../job/gateway-address.ts'
import { CLIENT_CERTIFICATE_HINT, connectionFailure } from './tls-failure.ts'
import type { TlsMaterial } from './tls-files.ts'

/** With TLS 1.3 the other side judges our certificate after the handshake is over on this side. */
const LATE_ALERT_MS = 300
const TIMEOUT_MS = 2_000

/** Why an HTTP request failed, in words for a person that end with a full stop. */
export async function explainFailure(error: unknown, url: string, tls: TlsMaterial): Promise<string> {
  const known = connectionFailure(error)
  if (known !== null) return known
  const address = readGatewayAddress(URL.parse(url)?.origin ?? '')
  const cut = error instanceof Error && 'code' in error && error.code === 'UND_ERR_SOCKET'
  const found = cut && address?.secure ? await probeConnection(address, tls) : null
  return found ?? told(error)
}

/**
 * Why no connection can be made, in words for a person; null if one can.
 * @param signal - ends the probe, which then gives null
 */
export async function probeConnection(
  address: GatewayAddress,
  tls: TlsMaterial,
  signal?: AbortSignal,
): Promise<string | null> {
  const socket = openSocket(address, tls)
  const ended = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])])
  try {
    await once(socket, address.secure ? 'secureConnect' : 'connect', { signal: ended })
    if (!address.secure) return (await speaksTls(address, ended)) ? SPEAKS_TLS : null
    const late = AbortSignal.any([AbortSignal.timeout(LATE_ALERT_MS), ended])
    return await once(socket, 'close', { signal: late }).then(
      () => endedAfterHandshake(tls),
      (error: unknown) => (late.aborted ? null : told(error)),
    )
  } catch (error) {
    if (signal?.aborted) return null
    return ended.aborted ? `no connection within ${TIMEOUT_MS} ms. Check address and network.` : told(error)
  } finally {
    socket.on('error', () => undefined)
    socket.destroy()
  }
}

const SPEAKS_TLS = 'it speaks TLS. Write grpcs:// or https:// before the address.'

async function speaksTls({ target }: GatewayAddress, signal: AbortSignal): Promise<boolean> {
  const socket = openSocket({ target, secure: true }, { rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect', { signal })
    return true
  } catch {
    return false
  } finally {
    socket.on('error', () => undefined)
    socket.destroy()
  }
}

function openSocket({ target, secure }: GatewayAddress, tls: ConnectionOptions): Socket {
  const { hostname, port } = new URL(`tcp://${target}`)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const to = { host, port: Number(port) }
  if (!secure) return connectPlain(to)
  return connectTls({
    ...to,
    ...tls,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
  })
}

/** Some servers just close the connection when they refuse a certificate. */
function endedAfterHandshake({ cert }: TlsMaterial): string {
  const what = 'it ended the connection after the TLS handshake'
  if (cert === undefined) return `${what}, and may ask for a client certificate. ${CLIENT_CERTIFICATE_HINT}`
  const { validToDate } = new X509Certificate(cert)
  const expired = validToDate.getTime() < Date.now()
  const guess = expired
    ? `our client certificate has expired on ${validToDate.toISOString().slice(0, 10)}`
    : 'it may have refused our client certificate'
  return `${what}: ${guess}. ${CLIENT_CERTIFICATE_HINT}`
}

function told(error: unknown): string {
  const words = error instanceof Error ? `${error.message.replace(/\.$/, '')}.` : 'the connection failed.'
  return connectionFailure(error) ?? words
}
