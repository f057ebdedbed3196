// Watches a stream while it is received: keeps its bytes, so that what came before a break is known, and ends it when it stalls.
import { readFrames, type StreamFrame } from './event-frames.ts'

/** What came of a stream. */
export interface ReceivedStream {
  readonly frames: readonly StreamFrame[]
  /** From sending the request to the first bytes, ms. */
  readonly firstMs: number
  /** From the first bytes to the last, ms. */
  readonly restMs: number
}

/** Name of the failure of a stream that stalled. */
export const STREAM_STALLED = 'StreamStalled'

export class StreamWatch {
  readonly #stall = new AbortController()
  readonly #chunks: Uint8Array[] = []
  readonly #begunAt = performance.now()
  #firstAt = 0
  #lastAt = 0
  #timer: NodeJS.Timeout | undefined
  readonly #stallMs: number

  /** @param stallMs - longest time without a byte after the first one, ms. Until the first, only the call's time limit counts. */
  constructor(stallMs: number) {
    this.#stallMs = stallMs
  }

  /** Ends the call. Its reason counts as a connection that was cut in the middle of the answer. */
  get stalled(): AbortSignal {
    return this.#stall.signal
  }

  readonly onBytes = (chunk: Uint8Array): void => {
    this.#lastAt = performance.now()
    if (this.#timer === undefined) {
      this.#firstAt = this.#lastAt
      this.#timer = setTimeout(() => this.#stall.abort(stalledAfter(this.#stallMs)), this.#stallMs)
    } else this.#timer.refresh()
    this.#chunks.push(chunk)
  }

  /** What came so far; null if nothing did. */
  received(): ReceivedStream | null {
    if (this.#chunks.length === 0) return null
    const frames = readFrames(Buffer.concat(this.#chunks))
    return { frames, firstMs: this.#firstAt - this.#begunAt, restMs: this.#lastAt - this.#firstAt }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

function stalledAfter(ms: number): Error {
  const message = `The stream of the answer stalled: no byte came for ${ms / 1_000} s (QUARRY_STREAM_STALL)`
  return Object.assign(new Error(message), {
    name: STREAM_STALLED,
    network: 'cut',
    $metadata: { httpStatusCode: 200 },
  })
}
