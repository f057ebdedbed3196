// What the two kinds of connection have in common, whatever the version of HTTP: what is sent, what comes back, and how a
// call that broke is told.
import type { CallFailure } from '../job/call-failure.ts'
import { ANSWER_TOO_LARGE, type ConnectionFacts } from './call-failure.ts'

/** A request as it goes out. */
export interface Outgoing {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** Value of the `host` header. */
  readonly authority: string
  /** Names in small letters, without `host`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** A whole answer. */
export interface Answer {
  readonly status: number
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An open connection. */
export interface Connection {
  readonly version: 'h2' | 'http/1.1'
  /** Calls it takes at a time, as the other side says. */
  readonly room: number
  /** Set when it takes no calls any more, though some may still run. */
  readonly retired: boolean
  /** Settles when it is closed, and has no calls. */
  readonly ended: Promise<void>
  /** Reserves a place for one call; false when there is none. */
  take(): boolean
  /**
   * Sends a call for which a place was taken, and gives the place back when it ends.
   * @throws BrokenCallError, AnswerTooLargeError, or the reason of the signal
   */
  send(request: Outgoing, signal: AbortSignal): Promise<Answer>
  /** Takes no more calls, and closes when those that run have ended. */
  retire(): void
  /** Ends it with its calls. */
  destroy(): void
}

/** A connection that was idle for longer is closed: one that died meanwhile takes no call with it. */
export const IDLE_MS = 4_000

/** The models with the largest answers, of images in base64, give some 40 MB; what is above would fill the memory. */
export const LARGEST_ANSWER = 64 * 1024 * 1024

/** Thrown when a call broke: AWS may have executed it, except where `unprocessed` says that it did not. */
export class BrokenCallError extends Error implements ConnectionFacts {
  override readonly name = 'BrokenCallError'
  readonly network: NonNullable<CallFailure['network']>
  readonly endpoint: string
  readonly unprocessed: boolean
  readonly beforeSending: boolean
  $metadata?: { readonly httpStatusCode: number }

  constructor(facts: {
    readonly endpoint: string
    /** What happened, as the end of a sentence. */
    readonly what: string
    /** Of the answer that had begun. */
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

/** An answer while it comes in. One of which all announced bytes are here is whole, whatever becomes of the connection. */
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

  /** The answer, null while it is not whole. @param ended - whether the other side said that this was all. */
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
