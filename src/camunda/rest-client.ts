// Calls of Camunda's REST API, authorised like the gRPC calls. Knows no resource, repeats a call only if its token was refused, and reads
// whole answers within the caller's bounds.
import { Agent, FormData, request } from 'undici'
import type { Authorization } from './authorization.ts'
import { explainFailure } from './probe-connection.ts'
import { RestError, type RestProblem } from './rest-error.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'

/** How to reach the REST API. */
export interface RestOptions {
  /** The part before `/v2`, with or without it: `http://localhost:8080`, `https://bru-2.zeebe.camunda.io/<cluster id>`. */
  readonly address: string
  readonly tls?: TlsFiles | undefined
  /** @default none */
  readonly authorization?: Authorization | undefined
}

/** Bounds of one call. */
interface RestLimits {
  /** For the whole call, ms. @default 30000 */
  readonly timeoutMs?: number
  /** Longest answer, bytes. @default 50 MiB */
  readonly maxBytes?: number
  /**
   * Asked while the answer comes: whether the caller may hold this much, and what it may grow to. If not, the answer counts as too
   * long.
   */
  readonly mayHold?: (atLeast: number, atMost: number) => boolean
  readonly signal?: AbortSignal
}

/** An answer of Camunda with a status below 300. */
interface RestAnswer {
  readonly body: Buffer
  readonly contentType: string | null
}

/** All calls reject with RestError only. */
export interface RestClient {
  /** @param path - begins with `/v2/`; its parts are already encoded. */
  get(path: string, limits?: RestLimits): Promise<RestAnswer>
  post(path: string, json: object, limits?: RestLimits): Promise<RestAnswer>
  /** Posts a form with files. */
  upload(path: string, form: FormData, limits?: RestLimits): Promise<RestAnswer>
  close(): Promise<void>
}

const TIMEOUT_MS = 30_000
const MAX_BYTES = 50 * 1024 * 1024

/**
 * Makes the client. It connects with the first call.
 * @throws Error when a certificate file cannot be read.
 */
export function makeRestClient({ address, tls, authorization }: RestOptions): RestClient {
  const material = readTlsFiles(tls)
  const dispatcher = new Agent({ connect: material })
  // Camunda's own clients take the address with and without the version.
  const base = address.replace(/\/+$/, '').replace(/\/v2$/i, '')
  const host = URL.parse(base)?.host ?? 'the address given'

  const sendOnce = async (call: RestCall, header: string | null, limits: Limits): Promise<Sent> => {
    const { statusCode, headers, body } = await request(`${base}${call.path}`, {
      dispatcher,
      method: call.method,
      signal: limits.signal,
      headers: {
        ...(header === null ? {} : { authorization: header }),
        ...(call.body === undefined || call.body instanceof FormData
          ? {}
          : { 'content-type': 'application/json' }),
      },
      ...bodyOf(call),
    })
    const contentType = headers['content-type']
    return {
      status: statusCode,
      body: await readWhole(body, limits, nameOf(call, host)),
      contentType: typeof contentType === 'string' ? contentType : null,
    }
  }

  const send = async (call: RestCall, given: RestLimits): Promise<RestAnswer> => {
    const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES, mayHold = () => true } = given
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = given.signal === undefined ? timeout : AbortSignal.any([timeout, given.signal])
    try {
      const header = await headerWithin(authorization, signal)
      const answer = await sendOnce(call, header, { signal, maxBytes, mayHold })
      if (answer.status !== 401 || header === null || authorization?.refused(header) !== true) {
        return accepted(answer, nameOf(call, host))
      }
      // A call refused for its token was not carried out.
      const another = await headerWithin(authorization, signal)
      return accepted(await sendOnce(call, another, { signal, maxBytes, mayHold }), nameOf(call, host))
    } catch (error) {
      if (error instanceof RestError) throw error
      const late = timeout.aborted && !given.signal?.aborted
      const reason = late ? `no answer within ${timeoutMs} ms.` : await explainFailure(error, base, material)
      throw new RestError(`${nameOf(call, host)} failed: ${reason}`, { status: null, cause: error })
    }
  }
  return {
    get: (path, limits = {}) => send({ method: 'GET', path }, limits),
    post: (path, body, limits = {}) => send({ method: 'POST', path, body }, limits),
    upload: (path, body, limits = {}) => send({ method: 'POST', path, body }, limits),
    close: () => dispatcher.destroy(),
  }
}

interface RestCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Sent as JSON, unless it is a form. */
  readonly body?: object
}

function bodyOf({ body }: RestCall): { body?: string | FormData } {
  if (body === undefined) return {}
  return { body: body instanceof FormData ? body : JSON.stringify(body) }
}

interface Limits {
  readonly signal: AbortSignal
  readonly maxBytes: number
  readonly mayHold: (atLeast: number, atMost: number) => boolean
}

interface Sent extends RestAnswer {
  readonly status: number
}

function nameOf({ method, path }: RestCall, host: string): string {
  return `${method} ${path.replace(/\?.*$/s, '')} of Camunda's REST API at ${host}`
}

/** A token may take long, so the caller's limits apply to it too. */
async function headerWithin(
  authorization: Authorization | undefined,
  signal: AbortSignal,
): Promise<string | null> {
  if (authorization === undefined) return null
  signal.throwIfAborted()
  const ended = Promise.withResolvers<never>()
  const onAbort = () => ended.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([authorization.header(), ended.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function accepted({ status, body, contentType }: Sent, what: string): RestAnswer {
  if (status >= 300) throw refused(what, status, body)
  return { body, contentType }
}

const HINTS: Readonly<Record<number, string>> = {
  401: ' Check the credentials for Camunda.',
  403: ' Check what the client may do in Camunda.',
}

async function readWhole(
  body: AsyncIterable<Buffer>,
  { maxBytes, mayHold }: Limits,
  what: string,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes || !mayHold(size, maxBytes)) {
      throw new RestError(`${what} gave more than ${maxBytes} bytes`, { status: 200 })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function refused(what: string, status: number, body: Buffer): RestError {
  const problem = problemIn(body)
  const detail = (problem?.detail || problem?.title) ?? ''
  const said = detail === '' ? '' : `: ${detail}`
  return new RestError(`${what} was answered ${status}${said}${HINTS[status] ?? ''}`, {
    status,
    detail,
    problem,
  })
}

function problemIn(body: Buffer): RestProblem | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (typeof parsed !== 'object' || parsed === null) return null
    const members = new Map(Object.entries(parsed))
    const text = (name: string): string => {
      const member: unknown = members.get(name)
      return typeof member === 'string' || typeof member === 'number' ? String(member).slice(0, 500) : ''
    }
    return {
      type: text('type'),
      title: text('title'),
      status: text('status'),
      detail: text('detail'),
      instance: text('instance'),
    }
  } catch {
    return null
  }
}
