// Why no connection could be made: at which step, in words for a person, with what to check. AWS has not seen the call.
import type { CallFailure, ConnectStep } from '../job/call-failure.ts'
import type { ConnectionFacts } from './call-failure.ts'
import type { ProxyServer } from './proxy-route.ts'

type Network = NonNullable<CallFailure['network']>

/** Thrown when no connection to an endpoint can be made. */
export class ConnectError extends Error implements ConnectionFacts {
  override readonly name = 'ConnectError'
  readonly network: Network
  readonly connect: ConnectStep
  /** `host:port` of the endpoint, not of a proxy on the way there. */
  readonly endpoint: string
  /** The system's or OpenSSL's code. */
  readonly code: string | undefined

  constructor(facts: {
    readonly step: ConnectStep
    readonly endpoint: string
    readonly message: string
    readonly network: Network
    readonly code?: string | undefined
    readonly cause?: unknown
  }) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.network = facts.network
    this.connect = facts.step
    this.endpoint = facts.endpoint
    this.code = facts.code
  }

  /** A copy for another call, because a thrown error is written to on its way. */
  copy(): ConnectError {
    const { connect: step, endpoint, message, network, code, cause } = this
    return new ConnectError({ step, endpoint, message, network, code, cause })
  }
}

/** A failed step. */
export interface ConnectTrouble {
  readonly step: ConnectStep
  /** `host:port` of the call. */
  readonly endpoint: string
  /** The proxy on the way. */
  readonly proxy: ProxyServer | null
  /** What was thrown; undefined if nothing happened for `boundMs`. */
  readonly error?: unknown
  readonly boundMs: number
}

interface Reason {
  readonly codes: RegExp
  readonly network: Network
  readonly what: string
  readonly look?: string
}

const LOOKUP: readonly Reason[] = [
  {
    codes: /^(ENOTFOUND|EAI_NONAME|EAI_NODATA)$/,
    network: 'unknownHost',
    what: 'no DNS server knows this name',
  },
  { codes: /^EAI_/, network: 'unknownHost', what: 'the look-up of its name failed' },
  { codes: /./, network: 'other', what: 'the look-up of its name failed' },
]

const TCP: readonly Reason[] = [
  { codes: /^ECONNREFUSED$/, network: 'refused', what: 'connection refused' },
  { codes: /^(EHOSTUNREACH|ENETUNREACH)$/, network: 'other', what: 'there is no route to its address' },
  { codes: /^ENETDOWN$/, network: 'other', what: 'the network of this host is down' },
  {
    codes: /^EADDRNOTAVAIL$/,
    network: 'other',
    what: 'this host has no free address or port for one more connection',
    look: 'Look at how many connections this host has open.',
  },
  {
    codes: /^(EMFILE|ENFILE)$/,
    network: 'other',
    what: 'this process has as many files and connections open as it may',
    look: 'Raise its limit of open files (ulimit -n).',
  },
  { codes: /^ETIMEDOUT$/, network: 'timeout', what: 'its address does not answer' },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE)$/,
    network: 'reset',
    what: 'the connection was broken off at once',
  },
]

const TRUST = 'Name the authority that signed it, such as that of an inspecting proxy, with AWS_CA_BUNDLE.'
const NO_TLS = 'Look at the port and at the scheme, https or http.'
const BREAKS = 'Look at what inspects TLS on the way there: a proxy, a firewall, a service mesh.'

const TLS: readonly Reason[] = [
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    network: 'other',
    what: 'its certificate is not valid at this time',
    look: 'Look at the clock of this host, then at that certificate.',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    network: 'other',
    what: 'its certificate is for other names',
    look: 'Set the endpoint to a name that is in the certificate.',
  },
  {
    codes: /^(.*SELF_SIGNED.*|UNABLE_TO_.*|CERT_(UNTRUSTED|REJECTED|SIGNATURE_FAILURE)|INVALID_CA)$/,
    network: 'other',
    what: 'its certificate is not trusted',
    look: TRUST,
  },
  {
    codes: /NO_APPLICATION_PROTOCOL/,
    network: 'other',
    what: 'it does not speak the version of HTTP that is asked for',
    look: 'Leave QUARRY_AWS_HTTP_VERSION at auto.',
  },
  {
    codes: /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|UNKNOWN_PROTOCOL|RECORD_LENGTH|ENCRYPTED_LENGTH/,
    network: 'other',
    what: 'what answers there does not speak TLS',
    look: NO_TLS,
  },
  { codes: /ALERT|HANDSHAKE/, network: 'other', what: 'it refuses the TLS handshake', look: BREAKS },
  {
    codes: /^(ECONNRESET|ECONNABORTED|EPIPE)$/,
    network: 'reset',
    what: 'the connection was closed in the TLS handshake',
    look: BREAKS,
  },
  { codes: /./, network: 'other', what: 'the TLS handshake failed', look: BREAKS },
]

const REASONS: Readonly<Record<ConnectStep, readonly Reason[]>> = {
  lookup: LOOKUP,
  tcp: TCP,
  tls: TLS,
  proxy: [
    { codes: /^HPE_/, network: 'other', what: 'what answers there does not speak HTTP' },
    ...LOOKUP.slice(0, 2),
    ...TCP,
    ...TLS.slice(0, -1),
  ],
}

const LOOK: Readonly<Record<ConnectStep, string>> = {
  lookup: 'Look at the region and the endpoint that are set, and at the DNS of this host.',
  tcp: 'Look at the endpoint that is set, at firewalls, security groups and network policies, and at whether a proxy (HTTPS_PROXY) leads there.',
  proxy: 'Look at the proxy, and at the variable.',
  tls: BREAKS,
}

/** The error for a connection that could not be made. OpenSSL's own texts are left out: they help few people. */
export function connectError({ step, endpoint, proxy, error, boundMs }: ConnectTrouble): ConnectError {
  const what = `${endpoint} cannot be connected to`
  const by = proxy === null ? '' : ` through the proxy ${proxy.address} (${proxy.setting})`
  if (error === undefined) {
    const message = `${what}${by}: ${SILENT[step]} for ${boundMs / 1_000} s. ${LOOK[step]}`
    return new ConnectError({
      step,
      endpoint,
      message,
      network: step === 'lookup' ? 'unknownHost' : 'timeout',
    })
  }
  const code = codeOf(error)
  const reason = REASONS[step].find(({ codes }) => codes.test(code))
  const said = reason?.what ?? 'it failed'
  const of = step === 'proxy' ? 'of the proxy: ' : ''
  const look = (step === 'proxy' ? undefined : reason?.look) ?? LOOK[step]
  return new ConnectError({
    step,
    endpoint,
    code,
    cause: error,
    message: `${what}${by}: ${of}${said} (${code}). ${look}`,
    network: reason?.network ?? 'other',
  })
}

const SILENT: Readonly<Record<ConnectStep, string>> = {
  lookup: 'the look-up of its name gave no answer',
  tcp: 'its address gave no answer',
  proxy: 'the proxy gave no answer',
  tls: 'it was silent in the TLS handshake',
}

/** The error for a proxy that answered CONNECT with a status other than 200. */
export function refusedByProxy(endpoint: string, proxy: ProxyServer, status: number): ConnectError {
  const told =
    PROXY_STATUS[status] ?? `Look at the proxy's own log for what keeps it from reaching ${endpoint}.`
  const message = `${endpoint} cannot be connected to through the proxy ${proxy.address} (${proxy.setting}): the proxy answered ${status}. ${told}`
  return new ConnectError({ step: 'proxy', endpoint, message, network: 'other', code: `PROXY_${status}` })
}

const PROXY_STATUS: Readonly<Record<number, string>> = {
  403: 'Allow the host in the proxy, or add it to NO_PROXY.',
  407: 'Put a user and a password that it knows into the URL of the proxy: http://user:password@host:port.',
}

function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; depth < 4; depth += 1) {
    if (typeof at !== 'object' || at === null) break
    if ('code' in at && typeof at.code === 'string') return at.code
    at = 'errors' in at && Array.isArray(at.errors) ? at.errors[0] : 'cause' in at ? at.cause : undefined
  }
  return error instanceof Error ? error.name : 'Error'
}
