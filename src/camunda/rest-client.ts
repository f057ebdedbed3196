// Calls of Camunda's REST API, authorised as the gRPC calls are. It knows no resource, never retries, and reads an
// answer whole: what comes is bounded by the caller.
import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import type { Authorization } from './authorization.ts'
import type { TlsFiles } from './gateway-channel.ts'
import { RestError } from './rest-error.ts'

/** How to reach the REST API. */
export interface RestOptions {
  /** Where `/v2` begins: `http://localhost:8080`, `https://bru-2.zeebe.camunda.io/<cluster id>`. */
  readonly address: string
  readonly tls?: TlsFiles | undefined
  /** @default none */
  readonly authorization?: Authorization | undefined
}

/** The bounds of one call. */
export interface RestLimits {
  /** For the call as a whole, ms. @default 30000 */
  readonly timeoutMs?: number
  /** Longest answer, bytes. @default 50 MiB */
  readonly maxBytes?: number
  readonly signal?: AbortSignal
}

/** An answer of Camunda with a status below 300. */
export interface RestAnswer {
  readonly body: Buffer
  readonly contentType: string | null
}

/** Both calls reject with RestError only. */
export interface RestClient {
  /** @param path - begins with `/v2/`; its parts are encoded already. */
  get(path: string, limits?: RestLimits): Promise<RestAnswer>
  post(path: string, json: object, limits?: RestLimits): Promise<RestAnswer>
  close(): Promise<void>
}

const TIMEOUT_MS = 30_000
const MAX_BYTES = 50 * 1024 * 1024

/**
 * Makes the client. It connects with the first call.
 * @throws Error when a certificate file cannot be read.
 */
export function makeRestClient({ address, tls, authorization }: RestOptions): RestClient {
  const { rootCertificateFile: ca, certificateChainFile: cert, privateKeyFile: key } = tls ?? {}
  const dispatcher = new Agent({
    connect: {
      ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
      ...(cert === undefined ? {} : { cert: readFileSync(cert) }),
      ...(key === undefined ? {} : { key: readFileSync(key) }),
    },
  })
  const base = address.replace(/\/+$/, '')
  const send = async (
    call: { method: 'GET' | 'POST'; path: string; json?: object },
    { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, signal }: RestLimits,
  ): Promise<RestAnswer> => {
    const what = `${call.method} ${call.path} of Camunda's REST API`
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const header = (await authorization?.()) ?? null
      const answer = await request(`${base}${call.path}`, {
        dispatcher,
        method: call.method,
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
        headers: {
          ...(header === null ? {} : { authorization: header }),
          ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(call.json === undefined ? {} : { body: JSON.stringify(call.json) }),
      })
      const body = await readWhole(answer.body, maxBytes, what)
      if (answer.statusCode >= 300) throw refused(what, answer.statusCode, body)
      const contentType = answer.headers['content-type']
      return { body, contentType: typeof contentType === 'string' ? contentType : null }
    } catch (error) {
      if (error instanceof RestError) throw error
      const reason = timeout.aborted
        ? `no answer within ${timeoutMs} ms`
        : error instanceof Error
          ? error.message
          : String(error)
      throw new RestError(`${what} failed: ${reason}`, { status: null, cause: error })
    }
  }
  return {
    get: (path, limits = {}) => send({ method: 'GET', path }, limits),
    post: (path, json, limits = {}) => send({ method: 'POST', path, json }, limits),
    close: () => dispatcher.destroy(),
  }
}

async function readWhole(body: AsyncIterable<Buffer>, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) throw new RestError(`${what} gave more than ${maxBytes} bytes`, { status: 200 })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refused(what: string, status: number, body: Buffer): RestError {
  const detail = problemDetail(body)
  return new RestError(`${what} was answered ${status}${detail === '' ? '' : `: ${detail}`}`, {
    status,
    detail,
  })
}

function problemDetail(body: Buffer): string {
  try {
    const problem: unknown = JSON.parse(body.toString('utf8'))
    if (typeof problem !== 'object' || problem === null) return ''
    const { detail, title } = problem as { detail?: unknown; title?: unknown }
    const said = typeof detail === 'string' ? detail : title
    return typeof said === 'string' ? said.slice(0, 500) : ''
  } catch {
    return ''
  }
}
