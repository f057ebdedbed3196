// The Bedrock stand-in: Bedrock Runtime's wire protocol with real quotas, for the demo, the tests, benchmarks and
// load tests of others. Imports nothing of `src/`, so that client and stand-in do not share errors about AWS.
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bedrock } from './bedrock.ts'
import { readCallPath } from './bedrock-call.ts'
import type { Admitted } from './caller.ts'
import { makeCertificate } from './certificate.ts'
import { answerControl, type Controlled, isControlPath, NOT_FOR_PAGES } from './control.ts'
import { accountOf } from './credentials/accounts.ts'
import { answerCredentials, isCredentialsPath } from './credentials/endpoints.ts'
import { IssuedCredentials } from './credentials/issued.ts'
import { answerSts, isStsCall, type StsParts } from './credentials/sts.ts'
import { answerDocument, answerUpload, isDocumentPath } from './documents.ts'
import type { Exchange } from './exchange.ts'
import { Faults } from './faults.ts'
import { makeRandom } from './latency.ts'
import { Ledger, type LoggedRequest, type SimStats } from './ledger.ts'
import { openListeners } from './listeners.ts'
import { isFromPage } from './own-caller.ts'
import { Quotas } from './quota.ts'
import {
  DEFAULT_SETTINGS,
  type FaultRule,
  readFaultRule,
  readSettings,
  type SimSettings,
} from './settings.ts'
import { wireError } from './wire-answer.ts'

export type { LaneStats, LoggedRequest, SimStats } from './ledger.ts'
export type { Fault, FaultRule, Latency, QuotaRule, SimSettings } from './settings.ts'

/** How the stand-in starts. */
export interface SimOptions {
  /** @default '127.0.0.1' */
  host?: string
  /** Plain HTTP/1.1; 0 is any free port. @default 0 */
  port?: number
  /** TLS with HTTP/2, and HTTP/1.1 for callers that ask for it; 0 is any free port. @default 0 */
  tlsPort?: number
  /** For the random numbers of latency and of fault shares. @default 1 */
  seed?: number
  /**
   * Access key id to secret: the signatures of these keys are verified. Other keys are refused unless `otherKeys`
   * is set; when absent any well-formed Signature Version 4 is accepted.
   */
  credentials?: Record<string, string>
  /** Accepts keys that `credentials` does not name, unchecked. @default false */
  otherKeys?: boolean
  /** Access key id to the account that STS returns. @default 123456789012 for all */
  accounts?: Readonly<Record<string, string>>
  /** How far its clock is ahead, ms; it dates answers and checks signatures by it. @default 0 */
  clockAheadMs?: number
  /** The accepted bearer tokens; if absent, all. */
  bearerKeys?: readonly string[]
  settings?: Partial<SimSettings>
}

/** A running stand-in. */
export interface Sim {
  /** Of the plain listener: `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Of the TLS listener: `https://127.0.0.1:<port>`. */
  readonly tlsUrl: string
  /** PEM file of the certificate to trust, made at start; removed by {@link Sim.stop}. */
  readonly caFile: string
  stats(): SimStats
  /** The log, in order of arrival; the latest 100,000. */
  requests(): LoggedRequest[]
  /** The temporary credentials that were issued, without their secrets. */
  credentials(): ReturnType<IssuedCredentials['list']>
  /** The settings in force. */
  settings(): SimSettings
  /**
   * Changes the given settings and keeps the rest. New quota rules keep what lanes have used.
   * @throws RangeError naming each wrong field; nothing is changed then
   */
  configure(change: Partial<SimSettings>): void
  /**
   * Adds one fault rule behind the others, which keep the strikes that they have left.
   * @returns its id, for {@link Sim.removeFault}
   * @throws RangeError when the rule is not valid
   */
  addFault(rule: FaultRule): string
  /** Whether there was such a rule; false also after new `faults` of {@link Sim.configure}. */
  removeFault(id: string): boolean
  /** Zeroes the counters, the log, the scripts' counters and the faults', and fills the quotas. */
  reset(): void
  /** Cuts every call, closes both listeners and removes the certificate file. May be called again. */
  stop(): Promise<void>
}

/**
 * Starts the stand-in.
 * @throws Error when a port is taken; RangeError when a setting is not valid
 */
export async function startSim(options: SimOptions = {}): Promise<Sim> {
  const { host = '127.0.0.1', port = 0, tlsPort = 0 } = options
  const stopping = new AbortController()
  // Each waiting call adds a listener to the signal.
  setMaxListeners(0, stopping.signal)
  const assembled = assemble(options, stopping.signal)
  const { control, clock } = assembled
  const names = ['localhost', '127.0.0.1', '::1', hostname(), host]
  const certificate = await makeCertificate(names)
  const listeners = await openListeners({ host, port, tlsPort, certificate, clock }, (exchange) => {
    void route(exchange, assembled, names)
  })
  const folder = await mkdtemp(join(tmpdir(), 'quarry-sim-'))
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, certificate.certificate)
  const address = reachable(host)
  let stopped: Promise<unknown> | undefined
  return {
    ...control,
    url: `http://${address}:${listeners.port}`,
    tlsUrl: `https://${address}:${listeners.tlsPort}`,
    caFile,
    async stop() {
      stopping.abort()
      stopped ??= Promise.all([listeners.close(), rm(folder, { recursive: true, force: true })])
      await stopped
    },
  }
}

/** Serves requests. */
interface Parts {
  control: Controlled
  bedrock: Bedrock
  sts: StsParts
  clock: () => number
}

function assemble(options: SimOptions, stopped: AbortSignal): Parts {
  const { seed = 1, credentials, otherKeys = false, bearerKeys, clockAheadMs = 0, accounts } = options
  const issued = new IssuedCredentials()
  const admitted: Admitted = { otherKeys, issued }
  if (credentials !== undefined) admitted.credentials = credentials
  if (bearerKeys !== undefined) admitted.bearerKeys = bearerKeys
  const clock = () => Date.now() + clockAheadMs
  let settings = DEFAULT_SETTINGS
  const quotas = new Quotas()
  const faults = new Faults()
  const ledger = new Ledger()
  const bedrock = new Bedrock({
    admitted,
    accountOf: (accessKey) => issued.find(accessKey)?.account ?? accountOf(accessKey, accounts),
    settings: () => settings,
    quotas,
    faults,
    ledger,
    random: makeRandom(seed),
    clock,
    stopped,
  })
  const control: Controlled = {
    stats: () => ledger.stats((lane) => quotas.ruleOf(lane)?.requestsPerMinute ?? null),
    requests: () => ledger.requests(),
    credentials: () => issued.list(),
    settings: () => ({ ...settings, faults: faults.rules() }),
    configure(change) {
      const { quotas: quotaRules, faults: faultRules, ...rest } = readSettings(change)
      settings = { ...settings, ...rest }
      if (quotaRules !== undefined) {
        settings = { ...settings, quotas: quotaRules }
        quotas.configure(quotaRules)
      }
      if (faultRules !== undefined) faults.configure(faultRules)
    },
    addFault: (rule) => faults.add(readFaultRule(rule)),
    removeFault: (id) => faults.remove(id),
    reset() {
      ledger.reset()
      quotas.reset()
      faults.reset()
      bedrock.reset()
    },
  }
  control.configure(options.settings ?? {})
  const sts: StsParts = {
    admitted,
    accounts,
    issued,
    roles: () => settings.roles,
    sessionSeconds: () => settings.sessionSeconds,
    podRole: () => settings.podRole,
  }
  return { control, bedrock, sts, clock }
}

/** The longest body of an upload, bytes: documents of answers are longer than any request to Bedrock. */
const LARGEST_DOCUMENT = 128 * 1024 * 1024

/** @param names - the stand-in's own host names. */
async function route(exchange: Exchange, parts: Parts, names: readonly string[]): Promise<void> {
  const { bedrock, control, sts, clock } = parts
  const { method, path, headers } = exchange
  const target = method === 'POST' ? readCallPath(path) : undefined
  if (target !== undefined) return bedrock.serve(exchange, target)
  const body = await exchange.readBody(isDocumentPath(path) ? LARGEST_DOCUMENT : undefined)
  if (body === 'gone') return
  if (body === 'too large') return exchange.send(wireError('toolarge'))
  if (isStsCall(method, path)) {
    return exchange.send(await answerSts({ method, path, headers, body }, sts, clock()))
  }
  if (isCredentialsPath(method, path)) return exchange.send(answerCredentials(path, headers, sts, clock()))
  if (isDocumentPath(path)) {
    if (method === 'POST' && path === '/v2/documents') {
      return exchange.send(await answerUpload(body, headers['content-type'] ?? ''))
    }
    const scheme = exchange.protocol === 'h2' ? 'https' : 'http'
    return exchange.send(answerDocument(method, path, `${scheme}://${headers['host'] ?? 'localhost'}`))
  }
  if (!isControlPath(path)) return exchange.send(wireError('unknownoperation'))
  exchange.send(
    isFromPage(headers, names) ? NOT_FOR_PAGES : answerControl(control, method, path, body.toString()),
  )
}

/** For "all addresses" the loopback address; IPv6 addresses in brackets. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
