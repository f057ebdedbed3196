// Finds the connections without TLS over which these settings send credentials to other machines. Pure.
import { readGatewayAddress } from '../job/gateway-address.ts'
import { isLoopback, readHostPort } from '../job/host-port.ts'
import type { Settings, WIRES } from './settings.ts'

/** A kind of connection, as `QUARRY_ALLOW_PLAINTEXT` names it. */
type Wire = (typeof WIRES)[number]

interface PlainWire {
  readonly wire: Wire
  /** What is sent, where to, and how to encrypt it, for people. Shows no credential. */
  readonly message: string
}

/** Includes those that `QUARRY_ALLOW_PLAINTEXT` allows. */
export function plainWires(settings: Settings): readonly PlainWire[] {
  const { zeebe, redis, roles } = settings
  const camunda = roles.some((role) => role !== 'ops')
  const found = [
    ...(camunda ? [zeebeWire(zeebe), ...restWires(zeebe), redisWires(redis)] : [redisWires(redis)]),
    ...(roles.includes('bedrock') ? proxyWires(settings) : []),
    tracingWire(settings.tracing),
  ]
  return found.flatMap((each) => each ?? [])
}

type Found = PlainWire | null

function zeebeWire({ grpcAddress, auth: { strategy } }: Settings['zeebe']): Found {
  const address = readGatewayAddress(grpcAddress)
  if (address === null || address.secure || strategy === 'NONE') return null
  const host = readHostPort(address.target, 26_500)?.host ?? ''
  if (isLoopback(host)) return null
  const what = strategy === 'BASIC' ? 'User name and password' : 'Access tokens'
  const message = `${what} go unencrypted to Zeebe's gateway at ${address.target}: let ZEEBE_GRPC_ADDRESS begin with grpcs://`
  return { wire: 'zeebe', message }
}

function restWires({ restAddress, auth }: Settings['zeebe']): Found[] {
  const { strategy, oauthUrl, discoveryUrl, issuerUrl } = auth
  if (strategy === 'NONE') return []
  const what = strategy === 'BASIC' ? 'User name and password' : 'Access tokens'
  const found: Found[] = [
    httpWire(
      'rest',
      restAddress,
      (host) =>
        `${what} go unencrypted to Camunda's REST API at ${host}: let ZEEBE_REST_ADDRESS begin with https://`,
    ),
  ]
  if (strategy !== 'OAUTH') return found
  const secret = (name: string) => (host: string) =>
    `The client secret goes unencrypted to ${host}, where tokens are fetched: let ${name} begin with https://`
  if (oauthUrl !== undefined) return [...found, httpWire('token', oauthUrl, secret('CAMUNDA_OAUTH_URL'))]
  const described = discoveryUrl ?? issuerUrl
  const name =
    discoveryUrl === undefined
      ? 'CAMUNDA_CLIENT_AUTH_ISSUERURL'
      : 'CAMUNDA_CLIENT_AUTH_WELLKNOWNCONFIGURATIONURL'
  return [...found, httpWire('token', described, secret(name))]
}

function redisWires(redis: Settings['redis']): Found {
  const { clusterNodes, sentinels, password, sentinelPassword, tls } = redis
  const nodes = clusterNodes ?? sentinels
  if (nodes !== undefined) {
    const far = nodes.find((node) => !isLoopback(readHostPort(node, 1)?.host ?? ''))
    if (tls.enabled || far === undefined || (password ?? sentinelPassword) === undefined) return null
    return { wire: 'redis', message: `${REDIS} at ${far} and others: set QUARRY_REDIS_TLS=true` }
  }
  const url = URL.parse(redis.url)
  if (url === null || url.protocol === 'rediss:' || isLoopback(url.hostname)) return null
  if (url.password === '' && password === undefined) return null
  return { wire: 'redis', message: `${REDIS} at ${url.host}: let REDIS_URL begin with rediss://` }
}

const REDIS = 'The password of Redis, and all data in it, go unencrypted to Redis'

function proxyWires({ aws, documentProxy }: Settings): Found[] {
  const inUrl = [
    ['HTTPS_PROXY', aws.httpsProxy],
    ['HTTP_PROXY', aws.httpProxy],
  ] as const
  const inParts = [documentProxy.http, documentProxy.https]
  return [
    ...inUrl.map(([name, text]) => {
      const url = URL.parse(text ?? '')
      if (url === null || url.password === '') return null
      return httpWire('proxy', url.href, (host) => `${PROXY} at ${host}: let ${name} begin with https://`)
    }),
    ...inParts.map(({ scheme, host, port, password }) => {
      if (host === undefined || password === undefined) return null
      const url = `${scheme}://${host}:${port ?? 80}`
      return httpWire('proxy', url, (at) => `${PROXY} for documents at ${at}: give it the scheme https`)
    }),
  ]
}

const PROXY = 'User name and password go unencrypted to the proxy'

function tracingWire({ exporter, endpoint, headers }: Settings['tracing']): Found {
  if (exporter === 'off' || headers === undefined) return null
  const message = (host: string) =>
    `The headers of OTEL_EXPORTER_OTLP_HEADERS go unencrypted to ${host}: let OTEL_EXPORTER_OTLP_ENDPOINT begin with https://`
  return httpWire('tracing', endpoint, message)
}

function httpWire(wire: Wire, text: string | undefined, message: (host: string) => string): Found {
  const url = URL.parse(text ?? '')
  if (url === null || url.protocol !== 'http:' || isLoopback(url.hostname)) return null
  return { wire, message: message(url.host) }
}
