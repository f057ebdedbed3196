// What connections of both HTTP versions have in common: the request, the answer, and the error of a broken call.
import type { CallFailure } from '../job/call-failure.ts'
import { ANSWER_TOO_LARGE, type ConnectionFacts } from './call-failure.ts'

/** A request as it is sent. */
export interface Outgoing {
  readonly method: string
  /** Including the query. */
  readonly path: string
  /** Value of the `host` header. */
  readonly authority: string
  /** Names in lower case, without `host`. */
  readonly headers: Readonly<Record<string, string>>
  /** A text is sent as UTF-8. */
  readonly body: string | Uint8Array | undefined
  /** Gets the bytes of a successful answer as they arrive. */
  readonly onBytes?: ((bytes: Uint8Array) => void) | undefined
}

/** A complete answer. */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An open connection. */
export interface Connection {
  readonly version: 'h2' | 'http/1.1'
  /** Calls it takes at a time, as the other side allows. */
  readonly room: number
  /** Set when it takes no more calls; some may still run. */
  readonly retired: boolean
  /** Resolves when it is closed and has no calls. */
  readonly ended: Promise<void>
  /** Reserves a place for one call; false if there is none. */
  take(): boolean
  /**
   * Sends a call whose place was reserved, and frees the place when it ends.
   * @throws BrokenCallError, AnswerTooLargeError, or the reason of the signal
   */
  send(request: Outgoing, signal: AbortSignal): Promise<Answer>
  /** Takes no more calls, and closes when the running ones have ended. */
  retire(): void
  /** Ends it and its calls. */
  destroy(): void
}

/** A connection that was idle for longer is closed, so that one that died meanwhile breaks no call. */
export const IDLE_MS = 4_000

/** The largest known answers, images in base64, have some 40 MB; anything above would fill the memory. */
export const LARGEST_ANSWER = 64 * 1024 * 1024

/** Thrown when a call broke: AWS may have executed it, unless `unprocessed` is set. */
export class BrokenCallError extends Error implements ConnectionFacts {
  override readonly name = 'BrokenCallError'
  readonly network: NonNullable<CallFailure['network']>
  readonly endpoint: string
  readonly unprocessed: boolean
  readonly beforeSending: boolean
  $metadata?: { readonly httpStatusCode: number }

  constructor(facts: {
    readonly endpoint: string
    /** What happened, worded as the end of a sentence. */
    readonly what: string
    /** Of an answer that had begun. */
    readonly status?: number | undefined
    readonly unprocessed?: boolean
    readonly beforeSending?: boolean
    readonly cause?: unknown
  }) {
    const { endpoint, what, status, cause } = facts
    const when = status === undefined ? 'before an answer came' : 'in the middle of the answer'
    super(
      facts.beforeSending === true
        ? `The request cannot be sent to ${endpoint}: ${what}`
        : `The call to ${endpoint} broke ${when}: ${what}`,
      cause === undefined ? undefined : { cause },
    )
    this.network = status === undefined ? 'reset' : 'cut'
    this.endpoint = endpoint
    this.unprocessed = status === undefined && facts.unprocessed === true
    this.beforeSending = facts.beforeSending === true
    if (status !== undefined) this.$metadata = { httpStatusCode: status }
  }
}

/** Thrown for an answer above {@link LARGEST_ANSWER}. */
export class AnswerTooLargeError extends Error {
  override readonly name = ANSWER_TOO_LARGE
  readonly $metadata: { readonly httpStatusCode: number }

  constructor(endpoint: string, status: number) {
    super(
      `The answer of ${endpoint} is larger than ${LARGEST_ANSWER / 1024 / 1024} MB, and was not read to its end. Ask the model for less.`,
    )
    this.$metadata = { httpStatusCode: status }
  }
}

/** An answer while it is received. Once all announced bytes are here it is complete, whatever happens to the connection. */
export class Incoming {
  status: number | undefined
  readonly #headers: Record<string, string> = {}
  readonly #chunks: Uint8Array[] = []
  #size = 0

  start(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    this.status = status
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && !name.startsWith(':'))
        this.#headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
    }
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
  }

  get tooLarge(): boolean {
    return Math.max(this.#size, this.#announced ?? 0) > LARGEST_ANSWER
  }

  /** The answer; null while it is incomplete. @param ended - whether the other side has ended it. */
  whole(ended: boolean): Answer | null {
    const { status } = this
    if (status === undefined) return null
    const announced = this.#announced
    if (announced === undefined ? !ended : this.#size !== announced) return null
    return { status, headers: this.#headers, body: Buffer.concat(this.#chunks) }
  }

  get #announced(): number | undefined {
    const text = this.#headers['content-length']
    const length = text === undefined ? Number.NaN : Number(text)
    return Number.isSafeInteger(length) ? length : undefined
  }
}
